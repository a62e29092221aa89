// The rule editor: the sentence follows what is typed. Without this file the button "Work it out" does the same.
(function () {
  "use strict";
  var form = document.querySelector("form[data-sentence]");
  var say = document.getElementById("say");
  if (!form || !say || !window.fetch || !window.FormData) { return; }
  var waiting = null;
  var asked = 0;
  function ask() {
    var mine = ++asked;
    fetch(form.getAttribute("data-sentence"), { method: "POST", body: new FormData(form), credentials: "same-origin" })
      .then(function (answer) { return answer.status === 200 ? answer.text() : null; })
      .then(function (html) {
        // The answer is built and escaped by the server; half-typed values leave the sentence as it was.
        if (html !== null && mine === asked) { say.innerHTML = html; }
      })
      .catch(function () { /* offline: the sentence stays as it was */ });
  }
  form.addEventListener("input", function () {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 350);
  });
}());
