// Photos chosen for a form: small pictures at once, each can be taken out again, at most so many.
//
//   <div data-photos data-most="9" data-remove="Leave out" data-too-many="…"> thumbnails and <input type="file"> </div>
//
// The form then carries them as form.pbPhotos ([{field, blob, name}]), and outbox.js sends those. Where outbox.js can't
// work, nothing is changed and the browser sends its own list. PB.photos.put(form, list) shows a list again.
(function () {
  "use strict";
  var PB = window.PB = window.PB || {};

  function count(box) { return box.querySelectorAll("figure").length; }

  function told(box) {
    var now = count(box), text = box.getAttribute("data-count"), out = document.getElementById(box.getAttribute("data-told"));
    if (out && text) { out.textContent = text.replace("{n}", now); }
    var event = document.createEvent("Event");
    event.initEvent("pb:photos", true, false);
    box.dispatchEvent(event);
  }

  function say(box, text) {
    var line = box.parentNode.querySelector("[data-photos-said]");
    if (line) { line.hidden = !text; line.lastElementChild.textContent = text; }
  }

  function show(box, form, photo) {
    var figure = document.createElement("figure"), image = document.createElement("img");
    var out = document.createElement("button"), n = count(box) + 1;
    figure.className = "pb-photo";
    image.alt = (box.getAttribute("data-alt") || "{n}").replace("{n}", n);
    image.src = URL.createObjectURL(photo.blob);
    image.onerror = function () { figure.classList.add("is-unseen"); };
    out.type = "button";
    out.className = "pb-photo-out";
    out.setAttribute("aria-label", (box.getAttribute("data-remove") || "×") + " " + image.alt);
    out.textContent = "×";
    out.addEventListener("click", function () {
      form.pbPhotos = form.pbPhotos.filter(function (one) { return one !== photo; });
      box.removeChild(figure);
      say(box, "");
      told(box);
    });
    figure.appendChild(image);
    figure.appendChild(out);
    box.insertBefore(figure, box.querySelector("label"));
  }

  function take(box, form, files, field) {
    var most = Number(box.getAttribute("data-most")) || 9, left = 0;
    for (var i = 0; i < files.length; i++) {
      if (count(box) >= most) { left += 1; continue; }
      var photo = { field: field, blob: files[i], name: files[i].name || "photo.jpg" };
      form.pbPhotos.push(photo);
      show(box, form, photo);
    }
    say(box, left ? box.getAttribute("data-too-many") : "");
    told(box);
  }

  PB.photos = {
    put: function (form, list) {
      var box = form.querySelector("[data-photos]"), own = box ? box.querySelectorAll("figure:not([data-stays])") : [];
      for (var i = 0; i < own.length; i++) { box.removeChild(own[i]); }
      form.pbPhotos = [];
      if (!box) { form.pbPhotos = list; return; }
      list.forEach(function (one) { form.pbPhotos.push(one); show(box, form, one); });
      told(box);
    }
  };

  function begin(box) {
    var form = box, inputs = box.querySelectorAll("input[type=file]");
    while (form && form.tagName !== "FORM") { form = form.parentNode; }
    if (!form || !PB.outbox || !PB.outbox.able) { return; }
    form.pbPhotos = [];
    box.classList.add("is-live");
    for (var i = 0; i < inputs.length; i++) {
      inputs[i].addEventListener("change", function () {
        take(box, form, this.files, this.name);
        this.value = ""; // the form keeps its own list from here on
      });
    }
    // A photo that the server keeps already: its button takes it out here, without asking.
    box.addEventListener("click", function (event) {
      var button = event.target;
      if (button.name !== "drop") { return; }
      event.preventDefault();
      box.removeChild(button.parentNode);
      told(box);
    });
    told(box);
  }

  var boxes = document.querySelectorAll("[data-photos]");
  for (var i = 0; i < boxes.length; i++) { begin(boxes[i]); }
})();
