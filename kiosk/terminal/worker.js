// The terminal's service worker: the page and its files from the cache, everything else from the network.
// Ratings never pass through here; they wait in IndexedDB (outbox.ts).
const CACHE = "terminal-@version";
const FILES = "@files";
const HOME = new URL("./", self.location.href).href;
const PHOTO = new URL("/api/staff/photos/", self.location.href).href;
const PHOTOS = "photos";

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((n) => n.startsWith("terminal-") && n !== CACHE).map((n) => caches.delete(n))))
      .then(() => self.clients.claim()),
  );
});

// The kept page serves: it and its files belong together. A new build is kept whole before its worker takes over, and
// the page then loads anew when nobody is in the middle of anything (station.ts).
async function page(request) {
  return (await caches.match(HOME, { cacheName: CACHE })) ?? fetch(request);
}

// A photo has its digest in its name: once here it is always right, and it is there without a network.
async function photo(request) {
  const kept = await caches.match(request, { cacheName: PHOTOS });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(PHOTOS)).put(request, answer.clone());
  return answer;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.url.startsWith(PHOTO)) event.respondWith(photo(request));
  else if (!request.url.startsWith(HOME)) return;
  else if (request.mode === "navigate") event.respondWith(page(request));
  else event.respondWith(caches.match(request, { cacheName: CACHE }).then((kept) => kept ?? fetch(request)));
});
