// Keeps the few pages that have to open without a network. Served at /sw.js.
//
// KEPT is the whole list: a page whose address fits is kept as its reader saw it last and shown when there is no
// network. Put an address here only if the page holds nothing but its reader's own work, and say so in docs/outbox.md.
// Everything else always comes from the network; without one the reader gets /offline, which holds nothing of anybody.
// Kept pages go when somebody signs in or out, or chooses for whom to act, and whenever pb.js finds another writer.
"use strict";

var KEPT = [/^\/report$/, /^\/patrols\/\d+\/walk$/];
var CHANGES_HANDS = [/^\/sign-in/, /^\/sign-out$/, /^\/for-whom$/, /^\/view$/];
var PAGES = "pb-pages";
var FILES = "pb-files";
var PATIENCE = 5000; // a line that is there but does not move

function fits(list, path) {
  return list.some(function (pattern) { return pattern.test(path); });
}

// The style sheets and scripts of a page, by their addresses with a version.
function filesIn(text) {
  var found = [], pattern = /(?:href|src|data-outbox)="(\/static\/[^"]+)"/g, one;
  while ((one = pattern.exec(text))) { found.push(one[1].replace(/&amp;/g, "&")); }
  return found;
}

function keepFiles(text) {
  return caches.open(FILES).then(function (cache) {
    return Promise.all(filesIn(text).map(function (address) {
      return cache.match(address).then(function (known) {
        if (known) { return null; }
        var path = address.split("?")[0];
        // Earlier versions of the same file go.
        return cache.keys().then(function (all) {
          return Promise.all(all.filter(function (r) { return new URL(r.url).pathname === path; }).map(function (r) {
            return cache.delete(r);
          }));
        }).then(function () { return cache.add(address); });
      });
    }));
  });
}

// Only a page that came as itself: a redirect to the door is no page to keep.
function keep(store, path, answer) {
  if (!answer.ok || answer.redirected || answer.type !== "basic") { return Promise.resolve(); }
  var copy = answer.clone();
  return caches.open(store).then(function (cache) {
    return cache.put(path, copy.clone());
  }).then(function () { return copy.text(); }).then(keepFiles);
}

function fetchAndKeep(store, path) {
  return fetch(path, { credentials: "same-origin" }).then(function (answer) { return keep(store, path, answer); });
}

self.addEventListener("install", function (event) {
  event.waitUntil(fetchAndKeep(FILES, "/offline").then(function () { return self.skipWaiting(); }));
});

self.addEventListener("activate", function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) {
      return name.indexOf("pb-") === 0 && name !== PAGES && name !== FILES;
    }).map(function (name) { return caches.delete(name); }));
  }).then(function () { return self.clients.claim(); }));
});

self.addEventListener("message", function (event) {
  var asked = event.data || {};
  if (asked.keep && fits(KEPT, asked.keep)) { event.waitUntil(fetchAndKeep(PAGES, asked.keep)); }
});

function withoutNetwork(path) {
  return caches.open(PAGES).then(function (cache) { return cache.match(path); }).then(function (page) {
    return page || caches.match("/offline");
  }).then(function (page) { return page || Response.error(); });
}

function networkFirst(event, path) {
  var kept = fits(KEPT, path);
  var asked = fetch(event.request).then(function (answer) {
    if (kept && !new URL(event.request.url).search) { event.waitUntil(keep(PAGES, path, answer.clone())); }
    return answer;
  });
  if (!kept) { return asked.catch(function () { return withoutNetwork(path); }); }
  var tired = new Promise(function (resolve) {
    setTimeout(function () {
      caches.open(PAGES).then(function (cache) { return cache.match(path); }).then(function (page) {
        if (page) { resolve(page); }
      });
    }, PATIENCE);
  });
  return Promise.race([asked.catch(function () { return withoutNetwork(path); }), tired]);
}

self.addEventListener("fetch", function (event) {
  var request = event.request, url = new URL(request.url);
  if (url.origin !== self.location.origin) { return; }
  if (request.method === "POST" && fits(CHANGES_HANDS, url.pathname)) { event.waitUntil(caches.delete(PAGES)); }
  if (request.method !== "GET") { return; }
  if (url.pathname.indexOf("/static/") === 0 && url.search) {
    event.respondWith(caches.open(FILES).then(function (cache) { return cache.match(request); }).then(function (file) {
      return file || fetch(request);
    }));
  } else if (request.mode === "navigate") {
    event.respondWith(networkFirst(event, url.pathname));
  }
});
