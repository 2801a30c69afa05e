// Reports wait here until there is a network: said once, sent later, with how long ago it was.
// Nothing of them but the station, the word, whether the phone was near, and the time.
const DATABASE = "yizhan";
const STORE = "outbox";
const TOKEN = "yizhan.token";
const STEP_MIN = 10; // the server keeps moments to ten minutes, so nothing finer is sent
const OLDEST_MIN = 24 * 60;
const FINAL = [400, 404, 413, 422]; // sending again would not help

// Whole tens of minutes since something was said; null when it is too old to be sent.
export function minutesAgo(saidAt_ms, now_ms) {
  const minutes = Math.max(0, Math.floor((now_ms - saidAt_ms) / 60000 / STEP_MIN) * STEP_MIN);
  return minutes <= OLDEST_MIN ? minutes : null;
}

// What is sent about a station: no position, no name, no moment finer than ten minutes.
export function bodyOf(report, { now_ms, token, lang }) {
  const body = { kind: report.kind, nearness: report.nearness || "unknown", token, lang };
  if (report.about) body.about = report.about;
  const minutes = minutesAgo(report.saidAt_ms, now_ms);
  if (minutes) body.minutes_ago = minutes;
  return body;
}

// A random word by which the server tells two phones apart at one station, and nothing else.
export function token(storage = localStorage) {
  let known = "";
  try {
    known = storage.getItem(TOKEN) || "";
  } catch {
    // a browser that keeps nothing
  }
  if (/^[A-Za-z0-9_-]{16,128}$/.test(known)) return known;
  const drawn = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    storage.setItem(TOKEN, drawn);
  } catch {
    memoryToken = memoryToken || drawn;
    return memoryToken;
  }
  return drawn;
}
let memoryToken = "";

// report = { stationId, kind, about, nearness, saidAt_ms, notBefore_ms }; gives its key.
export async function queue(report) {
  return run("readwrite", (store) => store.add(report));
}

export async function amend(key, changes) {
  const known = await run("readonly", (store) => store.get(key));
  if (known) await run("readwrite", (store) => store.put({ ...known, ...changes }, key));
}

// Take a report back before it is sent.
export async function take(key) {
  await run("readwrite", (store) => store.delete(key));
}

// All that waits: [[key, report], …], the first said first.
export async function waiting() {
  const [keys, reports] = await Promise.all([
    run("readonly", (store) => store.getAllKeys()),
    run("readonly", (store) => store.getAll()),
  ]);
  return keys.map((key, k) => [key, reports[k]]);
}

// Send what waits and is due. Gives [{ key, report, outcome, trust }], outcome one of sent, often,
// refused, late (too old, dropped) and kept (no network: it goes on waiting).
export async function flush({ fetch = globalThis.fetch.bind(globalThis), now = Date.now, lang = "zh" } = {}) {
  const locks = navigator.locks;
  const send = () => sendAll({ fetch, now, lang });
  return locks ? locks.request("yizhan-outbox", send) : send();
}

async function sendAll({ fetch, now, lang }) {
  const done = [];
  for (const [key, report] of await waiting()) {
    if (!isReport(report)) {
      await take(key); // damaged
      continue;
    }
    if ((report.notBefore_ms || 0) > now()) continue;
    const found = await sendOne(report, { fetch, now_ms: now(), lang });
    if (found.outcome !== "kept") await take(key);
    done.push({ key, report, ...found });
    if (found.outcome === "kept") break;
  }
  return done;
}

async function sendOne(report, { fetch, now_ms, lang }) {
  if (minutesAgo(report.saidAt_ms, now_ms) === null) return { outcome: "late" };
  const path = report.stationId.split("/").map(encodeURIComponent).join("/");
  try {
    const response = await fetch(`/api/v1/stations/${path}/reports`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(bodyOf(report, { now_ms, token: token(), lang })),
      cache: "no-store",
      credentials: "omit",
    });
    if (response.status === 201) return { outcome: "sent", trust: (await response.json()).trust };
    if (response.status === 429) return { outcome: "often" };
    return { outcome: FINAL.includes(response.status) ? "refused" : "kept" };
  } catch {
    return { outcome: "kept" };
  }
}

function isReport(report) {
  return Boolean(report) && typeof report.stationId === "string" && typeof report.kind === "string" && Number.isFinite(report.saidAt_ms);
}

// ---- the database; a browser that has none keeps reports as long as the page is open

const memory = new Map();
let opening = null;

function open() {
  opening =
    opening ||
    new Promise((resolve) => {
      try {
        const request = indexedDB.open(DATABASE, 1);
        request.onupgradeneeded = () => request.result.createObjectStore(STORE, { autoIncrement: true });
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => resolve(null);
        request.onblocked = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
  return opening;
}

async function run(mode, act) {
  const database = await open();
  if (!database) return act(memoryStore);
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    const request = act(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

const memoryStore = {
  add(report) {
    const key = memory.size ? Math.max(...memory.keys()) + 1 : 1;
    memory.set(key, report);
    return key;
  },
  put: (report, key) => void memory.set(key, report),
  get: (key) => memory.get(key),
  delete: (key) => void memory.delete(key),
  getAll: () => Array.from(memory.values()),
  getAllKeys: () => Array.from(memory.keys()),
};
