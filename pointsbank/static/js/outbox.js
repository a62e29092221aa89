// The outbox of a phone: what was written without a network waits here and is sent once, by itself, when there is one.
//
// A form takes part by two attributes; without a script, or in a browser that keeps nothing, it is sent as any form is:
//   <form method="post" enctype="multipart/form-data" data-offline="report" data-title="What it is called in the list">
//     <input type="hidden" name="client_id" …>   the same client_id is answered with the same row, however often
// It is written down first and sent then, so that a phone that dies in between loses nothing. Buttons with data-plain
// or formaction are left to the browser. A page shows what waits by the macro outbox_panel() of templates/_outbox.html.
//
// A page that draws itself (a round of a patrol) calls:
//   PB.outbox.add(kind, url, parts, photos, options) -> Promise of the draft
//     parts    [[name, value], …], sent as a form. client_id is put in by the outbox
//     photos   [File or Blob, …] or [{field: "photos", blob: …, name: "a.jpg"}, …]; shrunk to 1600 px first
//     options  {id: "made before", title: "in the list", page: "/where/it/is/mended"}
//   PB.outbox.flush()    -> Promise of {sent: [{draft, next}], left: n, why: "network", "door" or "server"}; sends what
//                           this person wrote, the oldest first
//   PB.outbox.list()     -> Promise of this person's drafts, the oldest first
//   PB.outbox.remove(id), PB.outbox.retry(id)      -> Promise
//   PB.outbox.on(function (drafts, others) {…})    called after every change
//   PB.outbox.newId(), PB.outbox.shrink(blob)
// A draft: {id, kind, url, who, parts, photos, title, page, at, state, said, fields}. state is "waiting" or "refused";
// a refused one stays with the sentence of the server (said, fields by name) until it is mended or deleted.
//
// Whoever wrote it (the meta pb-writer: user, community, resident) is kept with the draft and sent as the header
// X-Outbox; the server takes it from nobody else. Sent on load, on "online", when the page is looked at again, and each
// half minute while something waits: WeChat's browser has no Background Sync.
(function () {
  "use strict";
  var PB = window.PB = window.PB || {};
  if (PB.outbox) { return; }
  var writer = document.querySelector("meta[name=pb-writer]");
  var who = writer ? writer.getAttribute("content") : "";
  var able = Boolean(who && window.indexedDB && window.fetch && window.Promise && window.FormData && window.FileReader);
  var LONG = 1600, CLAIM = 90000, AGAIN = 30000;
  var listeners = [], opened = null, running = null, pressed = null;

  // ── The store ─────────────────────────────────────────────────────────────────────────────────────────────────

  function open() {
    if (!opened) {
      opened = new Promise(function (resolve, reject) {
        var asked = window.indexedDB.open("pb-outbox", 1);
        asked.onupgradeneeded = function () { asked.result.createObjectStore("drafts", { keyPath: "id" }); };
        asked.onsuccess = function () { resolve(asked.result); };
        asked.onerror = function () { reject(asked.error); };
      });
      opened["catch"](function () { opened = null; });
    }
    return opened;
  }

  // One transaction; `work(store, done)` calls done(value) with what the promise is to hold.
  function within(mode, work) {
    return open().then(function (base) {
      return new Promise(function (resolve, reject) {
        var value, moved = base.transaction("drafts", mode);
        moved.oncomplete = function () { resolve(value); };
        moved.onerror = moved.onabort = function () { reject(moved.error); };
        work(moved.objectStore("drafts"), function (found) { value = found; });
      });
    });
  }

  function all() {
    return within("readonly", function (store, done) {
      var found = [];
      store.openCursor().onsuccess = function (event) {
        var cursor = event.target.result;
        if (cursor) { found.push(cursor.value); cursor["continue"](); } else { done(found); }
      };
    }).then(function (found) { return found.sort(function (a, b) { return a.at - b.at; }); });
  }

  function put(draft) { return within("readwrite", function (store) { store.put(draft); }).then(changed); }

  function remove(id) { return within("readwrite", function (store) { store["delete"](id); }).then(changed); }

  // Changes one draft in one go, so that two tabs never both think that they send it.
  function change(id, how) {
    return within("readwrite", function (store, done) {
      store.get(id).onsuccess = function (event) {
        var draft = event.target.result;
        if (draft && how(draft) !== false) { store.put(draft); done(draft); }
      };
    });
  }

  function mine(draft) { return draft.who === who && who !== ""; }

  function changed(value) {
    return all().then(function (drafts) {
      try {
        if (drafts.length) { window.localStorage.setItem("pb-waiting", String(drafts.length)); }
        else { window.localStorage.removeItem("pb-waiting"); }
      } catch (full) { /* only spares other pages a look */ }
      var own = drafts.filter(mine);
      listeners.forEach(function (hear) { hear(own, drafts.length - own.length); });
      return value;
    });
  }

  // ── Writing down ──────────────────────────────────────────────────────────────────────────────────────────────

  function newId() {
    var bytes = new Uint8Array(16), text = "";
    window.crypto.getRandomValues(bytes);
    for (var i = 0; i < bytes.length; i++) { text += ("0" + bytes[i].toString(16)).slice(-2); }
    return text;
  }

  // Where a canvas turns pictures as the camera was held; elsewhere a shrunk photo would lie on its side.
  var upright = Boolean(window.CSS && window.CSS.supports && window.CSS.supports("image-orientation", "from-image"));

  function shrink(blob) {
    return new Promise(function (resolve) {
      if (!upright || !/^image\//.test(blob.type)) { resolve(blob); return; }
      var image = new Image(), address = URL.createObjectURL(blob);
      image.onerror = function () { URL.revokeObjectURL(address); resolve(blob); };
      image.onload = function () {
        var scale = Math.min(1, LONG / Math.max(image.naturalWidth, image.naturalHeight));
        var canvas = document.createElement("canvas");
        canvas.width = Math.round(image.naturalWidth * scale);
        canvas.height = Math.round(image.naturalHeight * scale);
        var small = scale < 1 || blob.size > 700000;
        if (!small || !canvas.toBlob || !canvas.getContext) { URL.revokeObjectURL(address); resolve(blob); return; }
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        URL.revokeObjectURL(address);
        canvas.toBlob(function (made) { resolve(made && made.size < blob.size ? made : blob); }, "image/jpeg", 0.85);
      };
      image.src = address;
    });
  }

  // Bytes, because older browsers lose blobs that they keep.
  function bytesOf(photo) {
    var given = photo.blob || photo;
    return shrink(given).then(function (blob) {
      return new Promise(function (resolve, reject) {
        var reader = new FileReader();
        reader.onload = function () {
          resolve({ field: photo.field || "photos", name: photo.name || given.name || "photo.jpg",
                    type: blob.type || "application/octet-stream", data: reader.result });
        };
        reader.onerror = function () { reject(reader.error); };
        reader.readAsArrayBuffer(blob);
      });
    });
  }

  function oneByOne(list, work) {
    return list.reduce(function (before, one) {
      return before.then(function (made) { return work(one).then(function (next) { return made.concat([next]); }); });
    }, Promise.resolve([]));
  }

  function make(kind, url, parts, photos, options) {
    var given = options || {}, id = given.id || newId();
    return oneByOne(photos || [], bytesOf).then(function (kept) {
      var draft = { id: id, kind: kind, url: url, who: who, photos: kept, title: given.title || "",
                    page: given.page || window.location.pathname + window.location.search, at: Date.now(),
                    state: "waiting", said: "", fields: {}, claimed: 0 };
      draft.parts = parts.filter(function (one) { return one[0] !== "client_id"; }).concat([["client_id", id]]);
      return draft;
    });
  }

  function keep(draft) {
    if (navigator.storage && navigator.storage.persist) { navigator.storage.persist(); }
    return put(draft).then(function () { return draft; });
  }

  function add(kind, url, parts, photos, options) { return make(kind, url, parts, photos, options).then(keep); }

  // ── Sending ───────────────────────────────────────────────────────────────────────────────────────────────────

  function bodyOf(draft) {
    var body = new FormData();
    draft.parts.forEach(function (one) { body.append(one[0], one[1]); });
    draft.photos.forEach(function (one) {
      body.append(one.field, new Blob([one.data], { type: one.type }), one.name);
    });
    return body;
  }

  function post(draft, token) {
    var heads = { "X-Outbox": draft.who, "X-CSRFToken": token, "Accept": "application/json" };
    return window.fetch(draft.url, { method: "POST", credentials: "same-origin", headers: heads, body: bodyOf(draft) })
      .then(function (answer) {
        return answer.json()["catch"](function () { return {}; }).then(function (said) {
          return { status: answer.status, ok: answer.ok, said: said };
        });
      });
  }

  // Not the draft's fault: it waits. 401 and core.csrf: somebody has to sign in; core.other_person: somebody else did.
  function waits(came) {
    var code = came.said.error ? came.said.error.code : "";
    return came.status >= 500 || came.status === 401 || came.status === 408 ||
      ["core.csrf", "core.other_person", "core.too_many"].indexOf(code) >= 0;
  }

  function answered(id, came) {
    var error = came.said.error || {};
    return change(id, function (kept) {
      kept.claimed = 0;
      kept.said = error.message || "";
      if (!waits(came)) {
        kept.state = "refused";
        kept.fields = error.fields || {};
      }
    }).then(changed);
  }

  // True where the next one may go.
  function sendOne(id, token, done) {
    return change(id, function (draft) {
      if (draft.state !== "waiting" || Date.now() - draft.claimed < CLAIM) { return false; }
      draft.claimed = Date.now();
    }).then(function (draft) {
      if (!draft) { return true; }
      return post(draft, token).then(function (came) {
        if (came.ok) {
          done.sent.push({ draft: draft, next: came.said.next || "" });
          return remove(id).then(function () { return true; });
        }
        if (waits(came)) { done.why = came.status === 401 ? "door" : "server"; }
        return answered(id, came).then(function () { return !waits(came); });
      }, function () {
        done.why = "network";
        return change(id, function (kept) { kept.claimed = 0; }).then(function () { return false; });
      });
    });
  }

  function ask() {
    return window.fetch("/outbox/ready", { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) { throw new Error("server"); }
      return answer.json();
    });
  }

  function flush() {
    if (!able) { return Promise.resolve({ sent: [], left: 0, why: "" }); }
    if (running) { return running; }
    var done = { sent: [], left: 0, why: "" };
    running = all().then(function (drafts) {
      var due = drafts.filter(function (one) { return mine(one) && one.state === "waiting"; });
      if (!due.length) { return null; }
      return ask().then(function (ready) {
        if (ready.who !== who) { done.why = "door"; return null; }
        return due.reduce(function (before, one) {
          return before.then(function (goes) { return goes ? sendOne(one.id, ready.token, done) : false; });
        }, Promise.resolve(true));
      }, function (fault) { done.why = fault.message === "server" ? "server" : "network"; });
    }).then(all).then(function (drafts) {
      running = null;
      done.left = drafts.filter(mine).length;
      return changed(done);
    }, function (fault) { running = null; throw fault; });
    return running;
  }

  function retry(id) {
    return change(id, function (draft) {
      draft.state = "waiting";
      draft.said = "";
      draft.fields = {};
      draft.claimed = 0;
    }).then(changed).then(flush);
  }

  PB.outbox = { able: able, add: add, flush: flush, remove: remove, retry: retry, newId: newId, shrink: shrink,
                list: function () { return all().then(function (drafts) { return drafts.filter(mine); }); },
                on: function (hear) { listeners.push(hear); } };
  if (!able) { return; }

  // ── Forms ─────────────────────────────────────────────────────────────────────────────────────────────────────

  function partsOf(form) {
    var parts = [];
    for (var i = 0; i < form.elements.length; i++) {
      var one = form.elements[i], no = /^(file|submit|button|image|reset)$/.test(one.type) || one.tagName === "FIELDSET";
      if (no || !one.name || one.disabled || /^(csrf_token|_once)$/.test(one.name)) { continue; }
      if ((one.type === "radio" || one.type === "checkbox") && !one.checked) { continue; }
      parts.push([one.name, one.value]);
    }
    return parts;
  }

  function photosOf(form) {
    if (form.pbPhotos) { return form.pbPhotos; }
    var found = [], inputs = form.querySelectorAll("input[type=file]");
    for (var i = 0; i < inputs.length; i++) {
      for (var j = 0; j < inputs[i].files.length; j++) {
        found.push({ field: inputs[i].name, blob: inputs[i].files[j] });
      }
    }
    return found;
  }

  function event(name, target, detail) {
    var made = document.createEvent("CustomEvent");
    made.initCustomEvent(name, true, false, detail);
    target.dispatchEvent(made);
  }

  // The refusal at the top of the form and at its fields, which stay as they were filled in.
  function refuse(form, said, fields) {
    var banner = form.querySelector("[data-refusal]"), old = form.querySelectorAll(".pb-err[data-said]"), name;
    for (var i = 0; i < old.length; i++) { old[i].parentNode.removeChild(old[i]); }
    for (name in fields) {
      var field = form.elements[name];
      if (field && !field.tagName) { field = field[0]; }
      if (!field) { continue; }
      var line = document.createElement("p");
      line.className = "pb-err";
      line.setAttribute("data-said", "");
      line.textContent = fields[name];
      var box = field.closest ? field.closest(".pb-field, fieldset, section") : field.parentNode;
      (box || field.parentNode).appendChild(line);
    }
    if (banner) {
      banner.hidden = false;
      banner.querySelector("[data-sentence]").textContent = said || banner.getAttribute("data-otherwise");
      banner.scrollIntoView();
    }
  }

  function fill(form, draft) {
    var i, one, names = {};
    event("pb:fill", form, draft);
    draft.parts.forEach(function (part) { (names[part[0]] = names[part[0]] || []).push(part[1]); });
    for (i = 0; i < form.elements.length; i++) {
      one = form.elements[i];
      if (/^(csrf_token|_once|client_id)$/.test(one.name) || one.type === "file" || one.type === "submit") { continue; }
      if (one.type === "radio" || one.type === "checkbox") {
        one.checked = (names[one.name] || []).indexOf(one.value) >= 0;
      } else if (names[one.name]) { one.value = names[one.name][0]; }
    }
    form.setAttribute("data-draft", draft.id);
    form.hidden = false;
    if (PB.photos) {
      PB.photos.put(form, draft.photos.map(function (kept) {
        return { field: kept.field, blob: new Blob([kept.data], { type: kept.type }), name: kept.name };
      }));
    }
    event("change", form.elements[0], null);
    if (draft.said) { refuse(form, draft.said, draft.fields); }
    changed(); // what stands in the form is not listed above it
  }

  function busy(form, is) {
    var buttons = form.querySelectorAll("button[type=submit]");
    for (var i = 0; i < buttons.length; i++) { buttons[i].disabled = is; }
    form.removeAttribute("data-sent");
  }

  // What is written down is no longer in the form: sent from there as well it would be a second one.
  function empty(form) {
    var i, banner = form.querySelector("[data-refusal]"), gone = form.querySelectorAll("[data-stays], .pb-err[data-said]");
    form.reset();
    for (i = 0; i < form.elements.length; i++) {
      if (/^(text|search|textarea)$/.test(form.elements[i].type)) { form.elements[i].value = ""; }
    }
    for (i = 0; i < gone.length; i++) { gone[i].parentNode.removeChild(gone[i]); }
    if (banner) { banner.hidden = true; }
    if (PB.photos) { PB.photos.put(form, []); }
    event("change", form.elements[0], null);
  }

  function kept(form, why) {
    var page = document.querySelector("[data-outbox-kept]");
    form.removeAttribute("data-draft");
    empty(form);
    event("pb:kept", form, null);
    if (!page) { return; }
    page.querySelector("p").textContent = page.getAttribute("data-" + (why || "network"));
    form.hidden = true;
    page.hidden = false;
    changed();
    window.scrollTo(0, 0);
  }

  function went(form, one) {
    event("pb:sent", form, one);
    window.location.assign(one.next || window.location.pathname);
  }

  function sendKept(form, id) {
    return flush().then(function (done) {
      // A round that began before this one was written down doesn't know of it.
      var has = done.why || done.sent.some(function (one) { return one.draft.id === id; });
      return has ? done : flush();
    }).then(function (done) {
      var own = done.sent.filter(function (one) { return one.draft.id === id; })[0];
      if (own) { went(form, own); return null; }
      return all().then(function (drafts) {
        var draft = drafts.filter(function (one) { return one.id === id; })[0];
        busy(form, false);
        if (draft && draft.state === "refused") { refuse(form, draft.said, draft.fields); return; }
        kept(form, done.why);
      });
    });
  }

  // Nothing can be kept here (a private window, a full phone): it is sent at once, or stays in the form.
  function sendAtOnce(form, draft) {
    return ask().then(function (ready) { return post(draft, ready.token); }).then(function (came) {
      busy(form, false);
      if (came.ok) { went(form, { draft: draft, next: came.said.next }); return; }
      var error = came.said.error || {};
      refuse(form, error.message, error.fields || {});
    }, function () {
      busy(form, false);
      refuse(form, form.getAttribute("data-full"), {});
    });
  }

  function write(form) {
    var id = form.getAttribute("data-draft") || newId(), before = running || Promise.resolve();
    form.setAttribute("data-draft", id);
    busy(form, true);
    make(form.getAttribute("data-offline"), form.getAttribute("action") || window.location.pathname, partsOf(form),
         photosOf(form), { id: id, title: form.getAttribute("data-title") || "" }).then(function (draft) {
      return before["catch"](function () { return null; }).then(function () { return keep(draft); })
        .then(function () { return sendKept(form, id); }, function () { return sendAtOnce(form, draft); });
    })["catch"](function () { busy(form, false); refuse(form, "", {}); });
  }

  document.addEventListener("click", function (pressing) {
    var button = pressing.target;
    while (button && button.tagName !== "BUTTON" && button !== document.body) { button = button.parentNode; }
    pressed = button && button.tagName === "BUTTON" ? button : null;
  }, true);

  document.addEventListener("submit", function (submitting) {
    var form = submitting.target;
    if (!form.hasAttribute("data-offline") || submitting.defaultPrevented || !able) { return; }
    if (pressed && (pressed.hasAttribute("formaction") || pressed.hasAttribute("data-plain"))) { return; }
    submitting.preventDefault();
    write(form);
  });

  function mend() {
    var asked = /^#draft=([\w-]+)$/.exec(window.location.hash), form = document.querySelector("form[data-offline]");
    if (!asked || !form) { return; }
    all().then(function (drafts) {
      drafts.filter(mine).forEach(function (one) { if (one.id === asked[1]) { fill(form, one); } });
    });
  }

  // ── What waits, on the page ───────────────────────────────────────────────────────────────────────────────────

  function button(text, style, work) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-" + style;
    made.textContent = text;
    made.addEventListener("click", work);
    return made;
  }

  function line(tag, text) {
    var made = document.createElement(tag);
    made.textContent = text;
    return made;
  }

  function when(panel, at) {
    var day = new Date(at), two = function (n) { return ("0" + n).slice(-2); };
    return panel.getAttribute("data-when").replace("{m}", day.getMonth() + 1).replace("{d}", day.getDate())
      .replace("{t}", day.getHours() + ":" + two(day.getMinutes()));
  }

  function row(panel, draft) {
    var text = function (name) { return panel.getAttribute("data-" + name); };
    var item = document.createElement("div"), middle = document.createElement("div");
    var ways = document.createElement("div"), photos = text("photos").replace("{n}", draft.photos.length);
    middle.className = "pb-mid";
    ways.className = "pb-outbox-ways";
    middle.appendChild(line("b", draft.title || text("untitled")));
    middle.appendChild(line("small", when(panel, draft.at) + " · " + photos));
    if (draft.state === "refused") {
      var said = line("small", text("refused").replace("{why}", draft.said));
      said.className = "pb-outbox-no";
      middle.appendChild(said);
      ways.appendChild(button(text("mend"), "outline-primary", function () {
        window.location.assign(draft.page + "#draft=" + draft.id);
        mend();
      }));
    } else {
      if (draft.said) { middle.appendChild(line("small", draft.said)); }
      ways.appendChild(button(text("retry"), "outline-primary", function () {
        retry(draft.id).then(function (done) { tell(done.why); });
      }));
    }
    ways.appendChild(button(text("delete"), "quiet", function () {
      if (window.confirm(text("sure"))) { remove(draft.id); }
    }));
    item.appendChild(middle);
    item.appendChild(ways);
    return item;
  }

  function draw(panel, drafts, others) {
    var list = panel.querySelector("[data-outbox-list]"), more = panel.querySelector("[data-outbox-others]");
    var form = document.querySelector("form[data-offline]"), inForm = form ? form.getAttribute("data-draft") : null;
    var shown = drafts.filter(function (one) { return one.id !== inForm; });
    while (list.firstChild) { list.removeChild(list.firstChild); }
    shown.forEach(function (draft) { list.appendChild(row(panel, draft)); });
    var waiting = shown.filter(function (one) { return one.state === "waiting"; }).length;
    var title = panel.querySelector("[data-outbox-count]"), about = panel.querySelector("[data-outbox-about]");
    var page = document.querySelector("[data-outbox-kept]"), kind = waiting ? "" : "-refused";
    title.textContent = panel.getAttribute("data-count" + kind).replace("{n}", waiting || shown.length);
    about.textContent = panel.getAttribute("data-about" + kind);
    panel.querySelector(".pb-banner").hidden = !shown.length;
    if (page && !page.hidden && !waiting) {
      page.hidden = true;
      form.hidden = false;
    }
    more.hidden = !others;
    more.textContent = panel.getAttribute("data-others").replace("{n}", others);
    panel.hidden = !shown.length && !others;
  }

  PB.outbox.on(function (drafts, others) {
    var panels = document.querySelectorAll("[data-outbox-panel]");
    for (var i = 0; i < panels.length; i++) { draw(panels[i], drafts, others); }
  });

  // Why it didn't go, wherever what waits is shown.
  function tell(why) {
    var page = document.querySelector("[data-outbox-kept]"), panels = document.querySelectorAll("[data-outbox-panel]");
    if (!why) { return; }
    if (page) { page.querySelector("p").textContent = page.getAttribute("data-" + why); }
    for (var i = 0; i < panels.length; i++) {
      panels[i].querySelector("[data-outbox-about]").textContent = panels[i].getAttribute("data-why-" + why);
    }
  }

  function goes() {
    return flush().then(function (done) {
      tell(done.why);
      // Somebody looks at what waits: the page says by itself that it went.
      var told = document.querySelector("[data-outbox-sent]");
      if (done.sent.length && told) {
        told.hidden = false;
        var link = told.querySelector("a");
        if (link && done.sent[done.sent.length - 1].next) { link.href = done.sent[done.sent.length - 1].next; }
      }
    })["catch"](function () { /* nothing is kept here, so nothing waits */ });
  }

  window.addEventListener("online", goes);
  window.addEventListener("hashchange", mend);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { goes(); } });
  document.addEventListener("click", function (pressing) {
    if (pressing.target.hasAttribute && pressing.target.hasAttribute("data-outbox-now")) { goes(); }
  });
  window.setInterval(function () {
    if (!document.hidden) { all().then(function (drafts) { if (drafts.filter(mine).length) { goes(); } }); }
  }, AGAIN);
  // Where the store can't be opened (a private window) photos.js and the forms count on this script all the same: it
  // sends at once then.
  changed().then(goes, function () { /* write() finds out by itself */ });
  mend();

  // The pages that open without a network (sw.js says which).
  if (navigator.serviceWorker && document.querySelector("form[data-offline]")) {
    navigator.serviceWorker.register("/sw.js").then(function () { return navigator.serviceWorker.ready; })
      .then(function (known) {
        if (known.active) { known.active.postMessage({ keep: window.location.pathname }); }
      })["catch"](function () { /* no secure line: the queue works, only the page can't be opened anew */ });
  }
})();
