// The service worker: what has been seen works without a network, and heals when it is damaged.
// The server puts one line before these, `const SHELL = { version, files: { path: sha256 }, pages };`
// (web/routes/pwa.py), so that a new file makes a new worker.
//
// Kept are the files of the app, the pages of stations, the snapshot files of the cells that were
// looked at, and the parts of the map that were drawn. Kept by their path alone: a request with a
// position, or one that writes, is never even looked at.
/* global SHELL */
const SHELL_CACHE = `shell-${SHELL.version}`;
const DATA_CACHE = "data-1";
const MAP_CACHE = "map-1";
const PAGE_CACHE = "pages-1";

const SHA = "x-yizhan-sha256"; // of the body as it was stored whole; what does not fit is dropped
const AT = "x-yizhan-at";
const FROM = "x-yizhan-from";
const RANGE = "x-yizhan-range";
const NEWEST_SHELL = "x-yizhan-shell"; // on every page: the shell that the server has now

const PATIENCE_MS = 4000; // so long a network is waited for when there is something kept
const MOST = { [MAP_CACHE]: 80, [DATA_CACHE]: 160, [PAGE_CACHE]: 60 }; // 80 blocks of a map are 20 MB
const OLDEST_MS = 30 * 24 * 3600 * 1000;

const MANIFEST = "/snapshot/manifest.json";
const LIVE = "/snapshot/live.json";
const HASHED = /^\/snapshot(?:-words)?\/.*-([0-9a-f]{16})\.json$/;
const CELL = /^cells\/([0-9a-f]+)-[0-9a-f]{16}\.json$/;
const RANGES = /^\/(?:basemap|snapshot\/stations-[0-9a-f]{16})\.pmtiles$/;

let isBehind = false; // a page came that needs newer files than these
let settling = Promise.resolve();

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  const { type, urls } = event.data || {};
  if (type === "keep" && Array.isArray(urls)) event.waitUntil(keep(urls, event.source));
});
self.addEventListener("fetch", (event) => {
  const answer = wayOf(event.request);
  if (answer) event.respondWith(answer(event).catch(() => fetch(event.request)));
});

function wayOf(request) {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return null;
  if (request.mode === "navigate") return pageKey(url) ? page : null;
  if (url.search) return null;
  if (RANGES.test(url.pathname)) return request.headers.has("range") ? part : null;
  if (url.pathname in SHELL.files) return shell;
  if (url.pathname === MANIFEST || url.pathname === LIVE) return newest;
  return HASHED.test(url.pathname) ? unchanging : null;
}

// Pages are kept by path and language; which of them are kept at all, the server says.
function pageKey(url) {
  const isKept = SHELL.pages.includes(url.pathname) || /^\/stations\/[^?]+$/.test(url.pathname);
  if (!isKept || /\.[a-z]+$/.test(url.pathname)) return "";
  const lang = url.searchParams.get("lang");
  return lang ? `${url.pathname}?lang=${encodeURIComponent(lang)}` : url.pathname;
}

// ---- life

async function install() {
  const cache = await caches.open(SHELL_CACHE);
  const older = (await caches.keys()).filter((name) => name.startsWith("shell-") && name !== SHELL_CACHE);
  for (const [path, sha] of Object.entries(SHELL.files)) {
    if (await load(cache, path, sha)) continue;
    const known = await fromCaches(older, path, sha);
    await put(cache, path, known || (await download(path, sha)));
  }
  const pages = await caches.open(PAGE_CACHE);
  for (const path of SHELL.pages) {
    const found = await fetch(path, { cache: "no-cache" });
    if (isPage(found)) await put(pages, path, found);
  }
  await self.skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  const stale = names.filter((name) => /^(shell|data|map|pages)-/.test(name) && !isOurs(name));
  await Promise.all(stale.map((name) => caches.delete(name)));
  await self.clients.claim();
  await sweep();
}

function isOurs(name) {
  return [SHELL_CACHE, DATA_CACHE, MAP_CACHE, PAGE_CACHE].includes(name);
}

async function sweep() {
  for (const name of Object.keys(MOST)) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const found = await cache.match(request);
      if (found && isOld(found)) await cache.delete(request);
    }
  }
}

// What a page loaded before there was a worker, or what it wants to have at hand.
async function keep(urls, client) {
  for (const address of [...urls.slice(0, 200), MANIFEST, LIVE]) {
    const url = new URL(address, self.location.origin);
    const key = pageKey(url);
    try {
      if (key && url.origin === self.location.origin) {
        const found = await fetch(key, { headers: { Accept: "text/html" } });
        if (isPage(found)) await store(PAGE_CACHE, key, found);
        continue;
      }
      const request = new Request(url, { credentials: "same-origin" });
      const way = wayOf(request);
      if (way) await way({ request, waitUntil: (done) => done });
    } catch {
      // it is kept the next time
    }
  }
  await settling.catch(() => {});
  if (client) client.postMessage({ type: "kept" });
}

// ---- pages and the files of the app

async function page(event) {
  const url = new URL(event.request.url);
  const key = pageKey(url);
  const cache = await caches.open(PAGE_CACHE);
  const home = SHELL.pages[0];
  const langs = [key, key.replace(/^[^?]*/, home), home];
  const isHome = url.pathname === home;
  const kept = () => firstOf(cache, isHome || SHELL.pages.includes(url.pathname) ? langs : [key]);
  try {
    const answer = await patient(event.request, () => cache.match(key));
    if (answer.status >= 500) return (await kept()) || answer;
    const version = answer.headers.get(NEWEST_SHELL);
    if (version) isBehind = version !== SHELL.version;
    // Only the plain page is kept: what was asked on it is nobody's business later.
    if (isPage(answer) && key === url.pathname + url.search) {
      event.waitUntil(store(PAGE_CACHE, key, answer.clone()));
    }
    tell(event, "online");
    return answer;
  } catch {
    tell(event, "offline");
    const found = await kept();
    if (found) return found;
    return (await firstOf(cache, langs)) ? Response.redirect(home) : Response.error();
  }
}

function isPage(answer) {
  const type = answer.headers.get("content-type") || "";
  return answer.status === 200 && answer.type === "basic" && !answer.redirected && type.startsWith("text/html");
}

async function shell(event) {
  const { pathname } = new URL(event.request.url);
  const sha = SHELL.files[pathname];
  const cache = await caches.open(SHELL_CACHE);
  if (isBehind) {
    try {
      const answer = await fetch(event.request);
      if (answer.ok) return answer;
    } catch {
      // an older file is better than none
    }
  }
  const found = await load(cache, pathname, sha);
  if (found) return found;
  const answer = await fetch(pathname, { cache: "no-cache" });
  if (!answer.ok) return answer;
  const copy = answer.clone();
  if ((await digest(await copy.arrayBuffer())) === sha) event.waitUntil(put(cache, pathname, answer.clone()));
  else isBehind = true;
  return answer;
}

// ---- what stations are like

// The manifest and the live file: the network's, and without it the last ones, marked as such.
async function newest(event) {
  const { pathname } = new URL(event.request.url);
  const cache = await caches.open(DATA_CACHE);
  const kept = async () => {
    const found = await load(cache, pathname);
    return found && marked(found);
  };
  let answer = null;
  try {
    answer = await patient(event.request, () => cache.match(pathname));
  } catch {
    tell(event, "offline");
    return (await kept()) || Response.error();
  }
  tell(event, "online");
  if (!answer.ok) return (await kept()) || answer; // the database is gone, say: what is kept, with its age
  const copy = answer.clone();
  const done = pathname === MANIFEST ? settle(copy) : whole(copy).then((body) => store(DATA_CACHE, pathname, body));
  event.waitUntil(done.catch(() => {}));
  return answer;
}

// A manifest is kept once the cells that are kept have been renewed: what the phone has without a
// network always belongs together, as the minutes of a cell count from the day in its manifest.
function settle(answer) {
  settling = settling.catch(() => {}).then(async () => {
    const body = await whole(answer);
    const manifest = await body.clone().json();
    const cache = await caches.open(DATA_CACHE);
    const held = new Set();
    let hasPlaces = false;
    for (const request of await cache.keys()) {
      const path = new URL(request.url).pathname.replace(/^\/snapshot\//, "");
      const cell = CELL.exec(path);
      if (cell) held.add(cell[1]);
      if (path.startsWith("places-")) hasPlaces = true;
    }
    const wanted = manifest.cells.filter((row) => row[4] && held.has(row[0])).map((row) => row[4]);
    if (hasPlaces && manifest.places) wanted.push(manifest.places);
    for (const path of wanted) {
      const address = `/snapshot/${path}`;
      if (!(await load(cache, address, hashOf(address)))) await put(cache, address, await download(address, hashOf(address)));
    }
    await put(cache, MANIFEST, body);
    const named = new Set([MANIFEST, LIVE, ...Object.keys(manifest.files).map((path) => `/snapshot/${path}`)]);
    for (const request of await cache.keys()) {
      const { pathname } = new URL(request.url);
      if (pathname.startsWith("/snapshot/") && !named.has(pathname)) await cache.delete(request);
    }
  });
  return settling;
}

// A file with its hash in its name: once whole, it never changes.
async function unchanging(event) {
  const { pathname } = new URL(event.request.url);
  const sha = hashOf(pathname);
  const cache = await caches.open(DATA_CACHE);
  const isAgain = event.request.cache === "reload"; // the page found it damaged
  const found = isAgain ? null : await load(cache, pathname, sha);
  if (found) return found;
  let answer = await fetch(pathname, { cache: isAgain ? "reload" : "default" });
  if (!answer.ok) return answer;
  let body = await answer.clone().arrayBuffer();
  if (!fits(await digest(body), sha)) {
    answer = await fetch(pathname, { cache: "reload" }); // the browser's own cache may be damaged
    if (!answer.ok) return answer;
    body = await answer.clone().arrayBuffer();
    if (!fits(await digest(body), sha)) return pathname.startsWith("/snapshot-words/") ? answer : Response.error();
  }
  event.waitUntil(store(DATA_CACHE, pathname, answer.clone()));
  return answer;
}

function hashOf(pathname) {
  const found = HASHED.exec(pathname);
  return found ? found[1] : "";
}

// ---- the map

// A part of a map file, by its bytes. A cache takes no partial answers, so they are kept as whole
// ones under an address of their own and given as partial ones.
async function part(event) {
  const { request } = event;
  const { pathname } = new URL(request.url);
  const range = request.headers.get("range");
  const key = `${pathname}?${encodeURIComponent(range)}`;
  const cache = await caches.open(MAP_CACHE);
  const found = request.cache === "reload" ? null : await load(cache, key);
  if (found && !isOld(found)) return partial(found);
  try {
    const answer = await fetch(pathname, { headers: { range }, cache: request.cache === "reload" ? "reload" : "default" });
    if (answer.status !== 206) return answer;
    const body = await answer.arrayBuffer();
    const headers = new Headers(answer.headers);
    headers.set(RANGE, answer.headers.get("content-range") || "");
    const kept = new Response(body, { status: 200, headers });
    await dropOtherVersions(cache, pathname, answer.headers.get("etag"));
    event.waitUntil(store(MAP_CACHE, key, kept.clone()));
    return partial(kept);
  } catch (error) {
    if (found) return partial(found);
    throw error;
  }
}

async function dropOtherVersions(cache, pathname, etag) {
  const key = `${pathname}?etag`;
  const known = await cache.match(key);
  if (known && (await known.text()) === etag) return;
  for (const request of await cache.keys()) {
    if (new URL(request.url).pathname === pathname) await cache.delete(request);
  }
  await put(cache, key, new Response(etag || ""));
}

function partial(kept) {
  const headers = new Headers(kept.headers);
  if (headers.get(RANGE)) headers.set("content-range", headers.get(RANGE));
  return new Response(kept.body, { status: 206, statusText: "Partial Content", headers });
}

// ---- keeping and checking

async function digest(body) {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fits(sha, expected) {
  return !expected || sha.startsWith(expected);
}

// Give what is kept, if it is what was stored; damaged entries are dropped.
async function load(cache, key, expected = "") {
  const found = await cache.match(key);
  if (!found) return null;
  try {
    const body = await found.arrayBuffer();
    const sha = await digest(body);
    if (sha === found.headers.get(SHA) && fits(sha, expected)) return new Response(body, { headers: found.headers });
  } catch {
    // half written
  }
  await cache.delete(key);
  return null;
}

// Keep an answer, once all of it is there.
async function put(cache, key, answer) {
  const body = await answer.arrayBuffer();
  const headers = new Headers(answer.headers);
  for (const name of ["content-encoding", "content-length", "content-range", "vary"]) headers.delete(name);
  headers.set(SHA, await digest(body));
  headers.set(AT, String(Date.now()));
  await cache.put(key, new Response(body, { headers }));
}

async function store(name, key, answer) {
  const cache = await caches.open(name);
  await put(cache, key, answer); // in place of the old one, which is never missing; the newest are last
  const keys = await cache.keys();
  const spare = keys.filter((request) => ![MANIFEST, LIVE].includes(new URL(request.url).pathname));
  await Promise.all(spare.slice(0, Math.max(0, keys.length - MOST[name])).map((request) => cache.delete(request)));
}

// Fetch a file whole; one that broke off or is not what it should be is asked for once more.
async function download(path, sha) {
  let why = null;
  for (const cache of ["no-cache", "reload"]) {
    try {
      const answer = await fetch(path, { cache });
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      const body = await answer.arrayBuffer();
      if (fits(await digest(body), sha)) return new Response(body, { headers: answer.headers });
      why = new Error(`${path} is not what it should be`);
    } catch (error) {
      why = error;
    }
  }
  throw why;
}

async function fromCaches(names, path, sha) {
  for (const name of names) {
    const found = await load(await caches.open(name), path, sha);
    if (found) return found;
  }
  return null;
}

async function firstOf(cache, keys) {
  for (const key of keys) {
    const found = await load(cache, key);
    if (found) return marked(found);
  }
  return null;
}

// Fails unless all of it came.
async function whole(answer) {
  return new Response(await answer.arrayBuffer(), { headers: answer.headers });
}

function isOld(found) {
  return Date.now() - Number(found.headers.get(AT) || 0) > OLDEST_MS;
}

function marked(found) {
  const headers = new Headers(found.headers);
  headers.set(FROM, "cache");
  return new Response(found.body, { headers });
}

// Wait for the network, but not for long when there is something kept.
async function patient(request, kept) {
  const answer = fetch(request);
  if (!(await kept())) return answer;
  answer.catch(() => {});
  let timer = 0;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("too slow")), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function tell(event, type) {
  const id = event.resultingClientId || event.clientId;
  const client = id && (await self.clients.get(id));
  if (client) client.postMessage({ type });
}
