// The leader's code screen: a new code every 15 seconds, drawn here from the key of this one screen, also without network.
// Without a key (plain http: browsers have no HMAC there) the server draws each code and this only shows it.
(function () {
  "use strict";
  var main = document.getElementById("main");
  if (!main || !main.hasAttribute("data-refresh")) { return; }
  var STEP = 15000, MINUTE = 60000, POLL = 5000;
  var data = main.dataset, offset = Number(data.now) - Date.now(), key = null, shown = -1, minute = -1, ready = !data.key;
  var svg = document.querySelector(".pb-code"), drawing = svg.querySelector("path"), ground = svg.querySelector("rect");
  var bar = document.querySelector(".pb-tick rect"), seconds = document.getElementById("seconds");
  var digits = document.querySelector(".pb-four"), offline = document.getElementById("offline");

  function now() { return Date.now() + offset; }

  function fromHex(text) {
    var bytes = new Uint8Array(text.length / 2);
    for (var i = 0; i < bytes.length; i++) { bytes[i] = parseInt(text.substr(i * 2, 2), 16); }
    return bytes;
  }

  function toHex(number, bytes) {
    var text = number.toString(16);
    while (text.length < bytes * 2) { text = "0" + text; }
    return text;
  }

  function ascii(text) {
    var bytes = new Uint8Array(text.length);
    for (var i = 0; i < text.length; i++) { bytes[i] = text.charCodeAt(i); }
    return bytes;
  }

  function mac(text) {
    return window.crypto.subtle.sign("HMAC", key, ascii(text)).then(function (whole) { return new Uint8Array(whole); });
  }

  function base32(bytes) {
    var letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", out = "", held = 0, width = 0;
    for (var i = 0; i < bytes.length; i++) {
      held = held << 8 | bytes[i];
      width += 8;
      while (width >= 5) { width -= 5; out += letters[held >> width & 31]; held &= (1 << width) - 1; }
    }
    return width ? out + letters[held << 5 - width & 31] : out;
  }

  // The same bytes as codes.rotating() on the server: kind, occurrence, screen, step, then 80 bits of their MAC.
  function draw(step) {
    var head = toHex(Number(data.kindByte), 1) + toHex(Number(data.occurrence), 4) + toHex(Number(data.screen), 3)
      + toHex(step % 16777216, 3);
    return mac(head).then(function (whole) {
      var bytes = new Uint8Array(21);
      bytes.set(fromHex(head));
      bytes.set(whole.slice(0, 10), 11);
      var code = window.PointsBankQr.encode(data.prefix + base32(bytes));
      if (code) { show(code.modules.length + 4, window.PointsBankQr.path(code.modules)); }
    });
  }

  function drawDigits(at) {
    mac("number:" + data.kind + ":" + at).then(function (whole) {
      var number = 0;
      for (var i = 0; i < 6; i++) { number = number * 256 + whole[i]; }
      digits.textContent = ("000" + number % 10000).slice(-4);
    });
  }

  function show(size, path) {
    svg.setAttribute("viewBox", "0 0 " + size + " " + size);
    ground.setAttribute("width", size);
    ground.setAttribute("height", size);
    drawing.setAttribute("d", path);
  }

  function tick() {
    var time = now(), step = Math.floor(time / STEP), left = Math.ceil((STEP - time % STEP) / 1000);
    seconds.textContent = data.seconds.replace("{n}", left);
    bar.setAttribute("width", left / 15 * 100);
    if (!ready || step === shown) { return; }
    shown = step;
    if (!key) { refresh(); return; }
    draw(step);
    if (Math.floor(time / MINUTE) !== minute) { minute = Math.floor(time / MINUTE); drawDigits(minute); }
  }

  function put(id, value) { document.getElementById(id).textContent = value; }

  function element(name, text, style) {
    var made = document.createElement(name);
    if (text) { made.textContent = text; }
    if (style) { made.className = style; }
    return made;
  }

  // One row below the code, built with textContent only: names are other people's words.
  function row(person) {
    var line = element("div"), middle = element("span", "", "pb-mid");
    middle.appendChild(element("b", person.name));
    line.appendChild(middle);
    if (!person.waits) {
      line.appendChild(element("span", person.how + " · " + person.at, "pb-sm"));
      return line;
    }
    middle.appendChild(element("small", person.why));
    var form = element("form", "", "pb-action"), button = element("button", data.accept, "btn btn-primary");
    form.method = "post";
    form.action = person.accept;
    form.appendChild(document.querySelector("input[name=csrf_token]").cloneNode());
    var kind = element("input");
    kind.type = "hidden"; kind.name = "kind"; kind.value = data.kind;
    form.appendChild(kind);
    button.type = "submit";
    button.setAttribute("aria-label", data.accept + " · " + person.name);
    form.appendChild(button);
    line.appendChild(form);
    return line;
  }

  function refresh() {
    var url = data.refresh + "?kind=" + data.kind + (key ? "" : "&draw=1"), sent = Date.now();
    window.fetch(url, { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) { throw new Error(answer.status); }
      return answer.json();
    }).then(function (facts) {
      offline.hidden = true;
      offset = facts.now - (sent + Date.now()) / 2;
      put("here", facts.here); put("signed-up", facts.signed_up); put("waiting", facts.waiting);
      var list = document.getElementById("people");
      while (list.firstChild) { list.removeChild(list.firstChild); }
      facts.rows.forEach(function (person) { list.appendChild(row(person)); });
      if (facts.drawn && !key) {
        show(facts.drawn.size, facts.drawn.path);
        digits.textContent = facts.drawn.number;
      }
    }).catch(function () { offline.hidden = false; });
  }

  if (data.key && window.crypto && window.crypto.subtle) {
    window.crypto.subtle.importKey("raw", fromHex(data.key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"])
      .then(function (made) { key = made; ready = true; tick(); }, function () { ready = true; });
  } else {
    ready = true;
  }
  window.setInterval(tick, 250);
  window.setInterval(refresh, POLL);
})();
