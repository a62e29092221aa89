// The report form: steps, places by name or by the phone's position, and what others reported here already. Everything
// works without it; the buttons then go to the server.
(function () {
  "use strict";
  var form = document.getElementById("report");
  if (!form || !window.fetch || !window.Promise) { return; }
  var places = document.getElementById("places"), said = document.getElementById("places-said");
  var alike = document.getElementById("alike"), asked = "", here = null;

  function chosen() { return form.querySelector("input[name=place_id]:checked"); }

  function placeName() {
    var one = chosen();
    return one && one.value !== "0" ? one.getAttribute("data-name") : form.elements.place.value;
  }

  function choose(radio) {
    radio.checked = true;
    var event = document.createEvent("Event");
    event.initEvent("change", true, false);
    radio.dispatchEvent(event);
  }

  // A place that the server named; one that stands there already is not written twice.
  function offer(place) {
    var known = form.querySelector("input[name=place_id][value='" + Number(place.id) + "']");
    if (known) { return known; }
    var box = document.createElement("label"), radio = document.createElement("input");
    var text = document.createElement("span"), small = document.createElement("small");
    box.className = "pb-choice";
    radio.type = "radio";
    radio.name = "place_id";
    radio.value = place.id;
    radio.setAttribute("data-name", place.name);
    text.appendChild(document.createTextNode(place.name));
    small.textContent = place.small || "";
    text.appendChild(small);
    box.appendChild(radio);
    box.appendChild(text);
    places.insertBefore(box, places.firstChild);
    return radio;
  }

  function show(answer) {
    said.textContent = answer.said;
    var radios = answer.places.slice().reverse().map(offer);
    if (radios.length) { choose(radios[radios.length - 1]); }
  }

  // With coords: where the phone is, believed once the server found a place near it.
  function get(address, coords) {
    said.textContent = form.getAttribute("data-asking");
    return window.fetch(address, { credentials: "same-origin", redirect: "manual" })
      .then(function (answer) { return answer.ok ? answer.json() : Promise.reject(answer); })
      .then(function (answer) {
        if (coords) { here = answer.places.length ? coords : null; }
        show(answer);
        steps();
      }, function () {
        said.textContent = form.getAttribute("data-no-answer");
        document.getElementById("elsewhere").open = true;
      });
  }

  document.getElementById("look").addEventListener("click", function (event) {
    event.preventDefault();
    if (!form.elements.q.value.trim()) { form.elements.q.focus(); return; }
    get(form.getAttribute("data-places") + "?q=" + encodeURIComponent(form.elements.q.value));
  });
  // Enter would press the first button of the form, which is another one.
  form.elements.q.addEventListener("keydown", function (event) {
    if (event.key === "Enter") { event.preventDefault(); document.getElementById("look").click(); }
  });
  form.elements.place.addEventListener("keydown", function (event) {
    if (event.key === "Enter") { event.preventDefault(); form.elements.place.blur(); }
  });

  var locate = document.getElementById("locate");
  if (navigator.geolocation) {
    locate.hidden = document.getElementById("locate-told").hidden = false;
    locate.addEventListener("click", function () {
      said.textContent = form.getAttribute("data-asking");
      navigator.geolocation.getCurrentPosition(function (found) {
        get(form.getAttribute("data-places") + "?lat=" + found.coords.latitude + "&lon=" + found.coords.longitude,
            found.coords);
      }, function () {
        said.textContent = form.getAttribute("data-no-position");
      }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 });
    });
  }

  // "Me too" before anything is written twice. Asked once for each place and kind; without a network not at all.
  function look() {
    var one = chosen(), place = one && one.value !== "0" ? "place_id=" + one.value : "place=" +
      encodeURIComponent(form.elements.place.value);
    var address = form.getAttribute("data-similar") + "?category=" + form.elements.category.value + "&" + place;
    if (address === asked || navigator.onLine === false) { return; }
    asked = address;
    // Without a session the door answers; its page is not one to stand in this form.
    window.fetch(address, { credentials: "same-origin", redirect: "manual" }).then(function (answer) {
      return answer.ok ? answer.text() : "";
    }).then(function (text) {
      var last = alike.lastElementChild;
      while (alike.firstChild !== last) { alike.removeChild(alike.firstChild); }
      last.insertAdjacentHTML("beforebegin", text);
      alike.hidden = !text.trim();
    }, function () { asked = ""; });
  }

  function steps() {
    var items = form.querySelectorAll(".pb-steps li"), photos = form.querySelectorAll("[data-photos] figure").length;
    var now = !photos ? 0 : placeName() ? 2 : 1;
    for (var i = 0; i < items.length; i++) {
      items[i].className = i < now ? "is-done" : i === now ? "is-now" : "";
      items[i].removeAttribute("aria-current");
      if (i === now) { items[i].setAttribute("aria-current", "step"); }
      items[i].querySelector("i").textContent = i < now ? "✓" : String(i + 1);
    }
    var kind = form.elements.category;
    form.elements.place_name.value = placeName();
    // Where the phone is leaves it only if no place fits.
    var none = !chosen() || chosen().value === "0";
    form.elements.lat.value = here && none ? here.latitude : "";
    form.elements.lon.value = here && none ? here.longitude : "";
    form.setAttribute("data-title", placeName() + " " + kind.options[Math.max(kind.selectedIndex, 0)].text);
  }

  form.addEventListener("change", function (event) {
    if (event.target.name === "place" && event.target.value) {
      var none = form.querySelector("input[name=place_id][value='0']");
      if (none) { choose(none); return; }
    }
    steps();
    if (/^(place_id|place|category)$/.test(event.target.name)) { look(); }
  });
  form.addEventListener("pb:photos", steps);
  // A draft may have been written for a place that this page doesn't list.
  form.addEventListener("pb:fill", function (event) {
    var values = {};
    event.detail.parts.forEach(function (part) { values[part[0]] = part[1]; });
    if (values.place_id && values.place_id !== "0") {
      offer({ id: values.place_id, name: values.place_name, small: "" });
    }
  });
  steps();
  look();
})();
