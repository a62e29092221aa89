// The page of a round: shows what is asked for, remembers each tap on this phone until the round is sent.
//
// Everything also works without it: the form then shows all its fields. outbox.js sends it, once, also later. What is
// filled in is kept under the round and its writer (texts in localStorage, photos in IndexedDB), so that a phone that
// dies on the way loses nothing; it goes when the round is sent or waits in the outbox.
(function () {
  "use strict";
  var PB = window.PB = window.PB || {};
  var form = document.querySelector("form[data-round]"), paper = document.querySelector("form[data-round-paper]");
  var page = form || paper;
  if (!page) { return; }
  var writer = document.querySelector("meta[name=pb-writer]");
  var key = form && writer ? "pb-round-" + writer.getAttribute("content") + "-" + form.getAttribute("data-round") : "";
  var stops = [].slice.call(page.querySelectorAll("[data-stop]"));
  var able = Boolean(form && PB.outbox && PB.outbox.able);

  function all(root, what) { return [].slice.call(root.querySelectorAll(what)); }

  function chosen(stop) {
    var one = stop.querySelector("input[type=radio]:checked");
    return one ? one.value : "";
  }

  // What was found there before stands, and needs not be chosen again.
  function noted(stop) { return chosen(stop) !== "" || Boolean(stop.querySelector("[data-found]")); }

  // ── What is shown ─────────────────────────────────────────────────────────────────────────────────────────────

  function show(stop) {
    var now = chosen(stop);
    all(stop, "[data-when]").forEach(function (part) { part.hidden = part.getAttribute("data-when") !== now; });
    stop.classList.toggle("is-noted", noted(stop));
  }

  function count() {
    var line = page.querySelector(".pb-round-left");
    if (!line) { return; }
    var left = stops.filter(function (stop) { return !noted(stop); }).length;
    line.textContent = left ? line.getAttribute("data-left").replace("{n}", left) : line.getAttribute("data-all");
  }

  function draw() { stops.forEach(show); count(); drawPhotos(); }

  // ── Photos ────────────────────────────────────────────────────────────────────────────────────────────────────

  function drawPhotos() {
    if (!able) { return; }
    all(form, "[data-round-photos]").forEach(function (box) {
      var field = box.parentNode.querySelector("input[type=file]").name;
      while (box.firstChild) { box.removeChild(box.firstChild); }
      (form.pbPhotos || []).forEach(function (photo) {
        if (photo.field !== field) { return; }
        var figure = document.createElement("figure"), image = document.createElement("img");
        var out = document.createElement("button");
        image.src = URL.createObjectURL(photo.blob);
        image.alt = form.getAttribute("data-photo");
        out.type = "button";
        out.className = "btn btn-quiet";
        out.textContent = form.getAttribute("data-out");
        out.addEventListener("click", function () {
          form.pbPhotos = form.pbPhotos.filter(function (one) { return one !== photo; });
          drawPhotos();
          keepPhotos();
        });
        figure.appendChild(image);
        figure.appendChild(out);
        box.appendChild(figure);
      });
    });
  }

  function take(input) {
    var have = form.pbPhotos.filter(function (one) { return one.field === input.name; }).length, work = [];
    for (var i = 0; i < input.files.length && have + i < 3; i++) { work.push(input.files[i]); }
    input.value = ""; // the form keeps its own list from here on
    Promise.all(work.map(function (file) { return PB.outbox.shrink(file); })).then(function (blobs) {
      blobs.forEach(function (blob, n) {
        form.pbPhotos.push({ field: input.name, blob: blob, name: work[n].name || "photo.jpg" });
      });
      drawPhotos();
      keepPhotos();
    });
  }

  // ── Remembered on this phone ──────────────────────────────────────────────────────────────────────────────────

  function fields() {
    var found = [];
    for (var i = 0; i < form.elements.length; i++) {
      var one = form.elements[i], no = /^(file|submit|button)$/.test(one.type) || one.tagName === "FIELDSET";
      if (no || !one.name || /^(csrf_token|client_id|_once)$/.test(one.name) || /-f\d-id$/.test(one.name)) { continue; }
      if ((one.type === "radio" || one.type === "checkbox") && !one.checked) { continue; }
      if (one.value) { found.push([one.name, one.value]); }
    }
    return found;
  }

  function keep() {
    if (!able) { return; }
    try { window.localStorage.setItem(key, JSON.stringify(fields())); } catch (full) { /* it stays in the page */ }
  }

  function base(work) {
    var asked = window.indexedDB.open("pb-round", 1);
    asked.onupgradeneeded = function () { asked.result.createObjectStore("photos"); };
    asked.onsuccess = function () { work(asked.result.transaction("photos", "readwrite").objectStore("photos")); };
  }

  function bytes(photo) {
    return new Promise(function (resolve, reject) {
      var reader = new FileReader();
      reader.onload = function () {
        resolve({ field: photo.field, name: photo.name, type: photo.blob.type, data: reader.result });
      };
      reader.onerror = reject;
      reader.readAsArrayBuffer(photo.blob);
    });
  }

  function keepPhotos() {
    Promise.all(form.pbPhotos.map(bytes)).then(function (list) { base(function (store) { store.put(list, key); }); });
  }

  function forget() {
    try { window.localStorage.removeItem(key); } catch (nothing) { /* nothing was kept */ }
    base(function (store) { store["delete"](key); });
  }

  function restore() {
    var kept = [];
    try { kept = JSON.parse(window.localStorage.getItem(key) || "[]"); } catch (broken) { kept = []; }
    kept.forEach(function (part) {
      all(form, "[name]").forEach(function (one) {
        if (one.name !== part[0]) { return; }
        if (one.type === "radio" || one.type === "checkbox") {
          if (one.value === part[1]) { one.checked = true; }
        } else if (!(one.hasAttribute("data-tag") && one.value)) { one.value = part[1]; }
      });
    });
    base(function (store) {
      store.get(key).onsuccess = function (event) {
        (event.target.result || []).forEach(function (one) {
          form.pbPhotos.push({ field: one.field, name: one.name, blob: new Blob([one.data], { type: one.type }) });
        });
        draw();
      };
    });
  }

  // ── Taps ──────────────────────────────────────────────────────────────────────────────────────────────────────

  function stopOf(node) {
    while (node && !(node.hasAttribute && node.hasAttribute("data-stop"))) { node = node.parentNode; }
    return node;
  }

  function flagged(stop, input) {
    var select = stop.querySelector("select"), radio = stop.querySelector("input[type=radio][value=finding]");
    if (input.checked && select && !select.value) { select.value = input.getAttribute("data-kind") || ""; }
    if (radio) { radio.checked = true; }
  }

  page.addEventListener("change", function (event) {
    var input = event.target, stop = stopOf(input), now = new Date().toISOString();
    if (able && input.type === "file" && /-photos$/.test(input.name)) { take(input); }
    if (stop && input.type === "checkbox" && input.hasAttribute("data-kind")) { flagged(stop, input); }
    if (stop && form && input.type === "radio") {
      stop.querySelector("[data-at]").value = now;
      if (!form.elements.started_at.value) { form.elements.started_at.value = now; }
    }
    draw();
    keep();
  });
  page.addEventListener("input", keep);

  // ── Before it is sent: what the other side would ask for is asked here, where somebody can still go and look ──

  function say(field, text) {
    var line = document.createElement("p");
    line.className = "pb-err";
    line.setAttribute("data-here", "");
    line.textContent = text;
    field.parentNode.appendChild(line);
  }

  function lacking(stop) {
    var now = chosen(stop), name = "s" + stop.getAttribute("data-stop") + "-";
    var text = page.elements[name + "f0-text"], kind = page.elements[name + "f0-category_id"];
    var reason = page.elements[name + "reason"];
    if (now === "skipped" && reason.value.trim().length < 2) { say(reason, page.getAttribute("data-need-reason")); return reason; }
    if (now === "finding" && text.value.trim().length < 2 && !stop.querySelector("[data-found]")) {
      say(text, page.getAttribute("data-need-text"));
      return text;
    }
    if (now === "finding" && text.value.trim() && !kind.value) { say(kind, page.getAttribute("data-need-kind")); return kind; }
    return null;
  }

  page.addEventListener("submit", function (event) {
    all(page, "[data-here]").forEach(function (line) { line.parentNode.removeChild(line); });
    var wrong = stops.map(lacking).filter(Boolean);
    if (!wrong.length) { return; }
    event.preventDefault();
    event.stopPropagation(); // nobody else is to think that it was sent
    wrong[0].focus();
  });

  // ── The tag on a photo, read on the phone itself where the browser can ────────────────────────────────────────

  function scanned(stop, file) {
    var no = stop.querySelector("[data-scan-no]"), said = stop.querySelector("[data-tag-said]");
    window.createImageBitmap(file).then(function (picture) {
      return new window.BarcodeDetector({ formats: ["qr_code"] }).detect(picture);
    }).then(function (found) {
      var code = found.map(function (one) { return /\/t\/([A-Z2-7]{8,64})$/i.exec(one.rawValue); }).filter(Boolean)[0];
      no.hidden = Boolean(code);
      if (code) {
        stop.querySelector("[data-tag]").value = code[1].toUpperCase();
        said.hidden = false;
        keep();
      }
    }, function () { no.hidden = false; });
  }

  if (form && window.BarcodeDetector && window.createImageBitmap) {
    all(form, "[data-scan]").forEach(function (label) {
      label.hidden = false;
      label.querySelector("input").addEventListener("change", function () {
        if (this.files.length) { scanned(stopOf(label), this.files[0]); }
        this.value = "";
      });
    });
  }

  // ── Begin ─────────────────────────────────────────────────────────────────────────────────────────────────────

  if (able) {
    form.pbPhotos = [];
    restore();
    document.addEventListener("pb:sent", forget);
    document.addEventListener("pb:kept", forget);
    // It waits in the outbox already: filled in once more it would only be sent as a second phone's.
    PB.outbox.list().then(function (drafts) {
      var waits = drafts.some(function (one) { return one.url === window.location.pathname && one.state === "waiting"; });
      var said = document.querySelector("[data-outbox-kept]");
      if (waits && said) {
        said.querySelector("p").textContent = said.getAttribute("data-network");
        form.hidden = true;
        said.hidden = false;
      }
    });
  }
  draw();
})();
