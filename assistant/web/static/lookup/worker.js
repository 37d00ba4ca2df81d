// Keeps the lookup page for when there is no network: the newest answer is shown and kept, and the kept one when there is none.
const NAME = "backline-lookup-2";
const FIRST = ["/lookup", "/ui/backline.css", "/ui/conversation.css", ...["lookup.css", "page.js", "finder.js", "store.js", "shelf.js"].map((name) => `/ui/lookup/${name}`), "/api/v1/lookup/catalogue", "/api/v1/lookup/cards"];
const KEPT = /^\/(?:lookup$|ui\/|figure\/|api\/v1\/lookup\/)/;
const WAIT_MS = 4000;

self.addEventListener("install", (event) => event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FIRST)).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(forget().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method === "GET" && url.origin === location.origin && !url.search && KEPT.test(url.pathname)) event.respondWith(newest(event.request));
});

const forget = async () => Promise.all((await caches.keys()).filter((name) => name.startsWith("backline-lookup-") && name !== NAME).map((name) => caches.delete(name)));

async function newest(request) {
  const cache = await caches.open(NAME), kept = await cache.match(request, { ignoreVary: true }); // what differs by origin is the same here
  const fresh = fetch(request).then((response) => { if (response.ok) cache.put(request, response.clone()); return response; });
  if (!kept) return fresh;
  const late = new Promise((done) => setTimeout(done, WAIT_MS));
  const response = await Promise.race([fresh.catch(() => null), late]);
  return response?.ok || response?.status === 304 ? response : kept;
}
