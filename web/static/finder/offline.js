// The phone without a network: the service worker, what it keeps, and a line that says how old it is.
import { send } from "./report.js";
import { fillFavourites } from "./saved.js";
import { say } from "./words.js";

const WORKER = "/sw.js";
const FILES = ["/snapshot/live.json", "/snapshot/manifest.json"];
const IDLE_MS = 3000;
const LATER_MS = 8000;
const UPDATE_MS = 3600000;

let isOffline = false;
let looked_ms = 0;

// Begin, once the first screen stands; nothing here is waited for.
export function start() {
  const section = document.getElementById("favourites");
  if (section) {
    const draw = () => fillFavourites(section);
    draw();
    document.addEventListener("yizhan:favourites", draw);
  }
  window.addEventListener("online", returned);
  window.addEventListener("offline", () => note(true));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && navigator.onLine) returned();
  });
  note(!navigator.onLine);
  if (navigator.onLine) sendQuietly();
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", (event) => heard(event.data || {}));
  navigator.serviceWorker.startMessages();
  const idle = window.requestIdleCallback || ((act) => setTimeout(act, IDLE_MS));
  const begin = () => idle(register, { timeout: IDLE_MS });
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin, { once: true });
}

async function register() {
  try {
    await navigator.serviceWorker.register(WORKER, { scope: "/", updateViaCache: "none" });
    looked_ms = Date.now();
    const { active } = await navigator.serviceWorker.ready;
    // What this page loaded before the worker was there, also what was under way just then; the
    // rest the worker keeps by itself.
    keepLoaded(active);
    setTimeout(keepLoaded, LATER_MS, active);
  } catch {
    // a private window, or a browser without: everything works as long as there is a network
  }
}

function keepLoaded(worker) {
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  worker.postMessage({ type: "keep", urls: [location.href, ...loaded] });
}

function heard({ type }) {
  if (type === "offline") note(true);
  if (type === "online") note(false);
  if (type === "kept") document.documentElement.dataset.kept = "yes";
}

// Back on the network: send what waits, look for a newer app, let the page ask again.
function returned() {
  note(false);
  sendQuietly();
  document.dispatchEvent(new Event("yizhan:refresh"));
  if ("serviceWorker" in navigator && Date.now() - looked_ms > UPDATE_MS) {
    looked_ms = Date.now();
    navigator.serviceWorker.getRegistration().then((known) => known && known.update()).catch(() => {});
  }
}

function sendQuietly() {
  send().catch(() => {}); // it goes on waiting
}

// One line on top of the page, as long as there is no network.
async function note(is) {
  if (is === isOffline) return;
  isOffline = is;
  document.documentElement.classList.toggle("offline", is);
  document.dispatchEvent(new CustomEvent("yizhan:network", { detail: is ? "offline" : "online" }));
  const known = document.getElementById("offline");
  if (!is) {
    if (known) known.remove();
    return;
  }
  const made_ms = await dataMoment_ms();
  if (!isOffline || document.getElementById("offline")) return;
  const line = document.createElement("p");
  line.id = "offline";
  line.className = "note offline-note";
  line.setAttribute("role", "status");
  line.textContent = offlineText(made_ms, Date.now());
  document.getElementById("main").prepend(line);
}

export function offlineText(made_ms, now_ms) {
  if (!made_ms) return say("No network. What is kept on this phone is shown.");
  const minutes = Math.max(1, Math.round((now_ms - made_ms) / 60000));
  if (minutes < 60) return say("No network. What is kept on this phone is shown, from {minutes} min ago.", { minutes });
  const hours = Math.round(minutes / 60);
  if (hours < 48) return say("No network. What is kept on this phone is shown, from {hours} hours ago.", { hours });
  return say("No network. What is kept on this phone is shown, from {days} days ago: hours may have changed.", { days: Math.round(hours / 24) });
}

// When the kept data were made; 0 when nothing is kept.
async function dataMoment_ms() {
  if (!("caches" in window)) return 0;
  for (const path of FILES) {
    try {
      const found = await caches.match(path);
      const made = found && Date.parse((await found.json()).made_at);
      if (Number.isFinite(made)) return made;
    } catch {
      // damaged: the worker drops it when it is asked for it
    }
  }
  return 0;
}

// Keep the page of a station at hand.
export function keepPage(address) {
  const worker = navigator.serviceWorker && navigator.serviceWorker.controller;
  if (worker) worker.postMessage({ type: "keep", urls: [address] });
}
