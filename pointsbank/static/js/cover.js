// Black boxes drawn on the photo with finger, mouse or keyboard. They live in the number fields of the form; this only
// fills those in and shows them. Without this file, or without pointer events, the numbers are typed.
(function () {
  "use strict";
  var form = document.querySelector("form[data-cover]");
  if (!form || !window.PointerEvent) { return; }
  var svg = form.querySelector("svg"), said = form.querySelector("[data-said]"), LEAST = 1, held = null;
  var rows = [].slice.call(form.querySelectorAll("[data-box]")).map(function (row) {
    return { fields: [].slice.call(row.querySelectorAll("input")), rect: null };
  });

  function limit(value, least, most) { return Math.min(Math.max(value, least), most); }

  function numbers(row) {
    var found = row.fields.map(function (field) { return parseFloat(field.value.replace(",", ".")); });
    return found.every(isFinite) ? found : null;
  }

  function show(row, n) {
    var box = numbers(row);
    if (!box) {
      if (row.rect) { svg.removeChild(row.rect); row.rect = null; }
      return;
    }
    if (!row.rect) {
      row.rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      row.rect.setAttribute("tabindex", "0");
      row.rect.setAttribute("role", "button");
      row.rect.setAttribute("aria-label", svg.getAttribute("data-name") + " " + (n + 1));
      svg.appendChild(row.rect);
    }
    ["x", "y", "width", "height"].forEach(function (name, i) { row.rect.setAttribute(name, Math.max(box[i], 0)); });
  }

  function put(row, box) {
    row.fields.forEach(function (field, i) { field.value = box ? String(Math.round(box[i] * 10) / 10) : ""; });
    show(row, rows.indexOf(row));
  }

  function free() {
    return rows.filter(function (row) { return row.fields.every(function (field) { return !field.value; }); })[0];
  }

  function tell(row) {
    var box = numbers(row);
    said.textContent = box ? svg.getAttribute("data-name") + " " + (rows.indexOf(row) + 1) + ": " + box.join("% ") + "%" : "";
  }

  function at(event) {
    var room = svg.getBoundingClientRect();
    return [limit((event.clientX - room.left) / room.width * 100, 0, 100),
      limit((event.clientY - room.top) / room.height * 100, 0, 100)];
  }

  function ofRect(rect) { return rows.filter(function (row) { return row.rect && row.rect === rect; })[0]; }

  svg.addEventListener("pointerdown", function (event) {
    if (held || event.button > 0) { return; }
    var row = ofRect(event.target), start = at(event);
    if (row) {
      held = { row: row, start: start, box: numbers(row) };
      row.rect.focus();
    } else {
      row = free();
      if (!row) { return; }
      held = { row: row, start: start, box: null };
    }
    held.id = event.pointerId;
    svg.setPointerCapture(event.pointerId);
    event.preventDefault();
  });

  svg.addEventListener("pointermove", function (event) {
    if (!held || held.id !== event.pointerId) { return; }
    var now = at(event), from = held.start, box = held.box;
    if (box) {
      put(held.row, [limit(box[0] + now[0] - from[0], 0, 100 - box[2]), limit(box[1] + now[1] - from[1], 0, 100 - box[3]),
        box[2], box[3]]);
    } else {
      put(held.row, [Math.min(now[0], from[0]), Math.min(now[1], from[1]), Math.abs(now[0] - from[0]),
        Math.abs(now[1] - from[1])]);
    }
  });

  function release(event) {
    if (!held || held.id !== event.pointerId) { return; }
    var row = held.row, box = numbers(row);
    // A tap beside the boxes is no box.
    if (!held.box && (!box || box[2] < LEAST || box[3] < LEAST)) { put(row, null); }
    if (row.rect) { row.rect.focus(); }
    tell(row);
    held = null;
  }
  svg.addEventListener("pointerup", release);
  svg.addEventListener("pointercancel", release);

  svg.addEventListener("keydown", function (event) {
    var row = ofRect(event.target), box = row && numbers(row);
    if (!box) { return; }
    var steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }, step = steps[event.key];
    if (event.key === "Delete" || event.key === "Backspace") {
      put(row, null);
      form.querySelector("[data-add]").focus();
    } else if (step && event.shiftKey) {
      put(row, [box[0], box[1], limit(box[2] + step[0], LEAST, 100 - box[0]), limit(box[3] + step[1], LEAST, 100 - box[1])]);
    } else if (step) {
      put(row, [limit(box[0] + step[0], 0, 100 - box[2]), limit(box[1] + step[1], 0, 100 - box[3]), box[2], box[3]]);
    } else {
      return;
    }
    tell(row);
    event.preventDefault();
  });

  form.querySelector("[data-add]").addEventListener("click", function () {
    var row = free();
    if (!row) { return; }
    put(row, [40, 40, 20, 20]);
    row.rect.focus();
    tell(row);
  });

  form.addEventListener("input", function () { rows.forEach(show); });
  while (svg.firstChild) { svg.removeChild(svg.firstChild); }
  rows.forEach(show);
  [].slice.call(form.querySelectorAll("[data-with-script]")).forEach(function (part) { part.hidden = false; });
  form.querySelector("[data-numbers]").open = false;
  svg.setAttribute("class", "is-live");
}());
