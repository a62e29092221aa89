// Small comforts; every page works without them.
(function () {
  "use strict";

  // A chosen box carries its border also where style sheets can't ask about their children (old WebViews).
  function mark(input) {
    var all = document.getElementsByName(input.name);
    for (var i = 0; i < all.length; i++) {
      var box = all[i].parentNode;
      if (box && box.classList && box.classList.contains("pb-choice")) {
        box.classList.toggle("is-on", all[i].checked);
      }
    }
  }
  document.addEventListener("change", function (event) {
    var input = event.target;
    if (input.type === "radio" || input.type === "checkbox") { mark(input); }
    if (input.hasAttribute("data-send") && input.form) { input.form.submit(); }
  });
  var chosen = document.querySelectorAll(".pb-choice input:checked");
  for (var i = 0; i < chosen.length; i++) { mark(chosen[i]); }

  // The reason for a vote is asked for once that vote is chosen. Without a script it always stands there.
  function ask(box) {
    var wanted = box.querySelector("input[type=radio][value=" + box.getAttribute("data-why") + "]");
    var reason = box.querySelector(".pb-vote-why");
    if (wanted && reason) { reason.hidden = !wanted.checked && !reason.classList.contains("has-err"); }
  }
  var votes = document.querySelectorAll("[data-why]");
  for (var v = 0; v < votes.length; v++) {
    ask(votes[v]);
    votes[v].addEventListener("change", function () { ask(this); });
  }

  // Printing needs a script; the button appears only where there is one.
  var buttons = document.querySelectorAll("[data-print]");
  for (var j = 0; j < buttons.length; j++) {
    buttons[j].hidden = false;
    buttons[j].addEventListener("click", function () { window.print(); });
  }

  // A screen that hangs on a wall asks for new figures by itself.
  var seconds = Number(document.body.getAttribute("data-reload"));
  if (seconds) { window.setTimeout(function () { window.location.reload(); }, seconds * 1000); }

  // The second tap on a slow line is ignored; the server would ignore it as well.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.hasAttribute("data-sent")) { event.preventDefault(); return; }
    form.setAttribute("data-sent", "");
    window.setTimeout(function () { form.removeAttribute("data-sent"); }, 8000);
  });
  // What waits on this phone (outbox.js) is sent from any page. Pages kept for another person of the family go first.
  try {
    var writer = document.querySelector("meta[name=pb-writer]");
    if (writer && window.localStorage.getItem("pb-writer") !== writer.content) {
      window.localStorage.setItem("pb-writer", writer.content);
      if (window.caches) { window.caches.delete("pb-pages"); }
    }
    var own = document.querySelector("script[data-outbox]");
    if (writer && own && window.localStorage.getItem("pb-waiting") && !document.querySelector("[data-outbox-panel]")) {
      var more = document.createElement("script");
      more.src = own.getAttribute("data-outbox");
      document.body.appendChild(more);
    }
  } catch (nothingKept) { /* a browser that keeps nothing has nothing to send */ }

  window.addEventListener("pageshow", function () {
    var sent = document.querySelectorAll("form[data-sent]");
    for (var k = 0; k < sent.length; k++) { sent[k].removeAttribute("data-sent"); }
  });
})();
