// Giving back: open, closed, could not get in; how full; what is wrong. One tap, no login. Whether
// the phone is near is worked out here, and only that word is sent.
import * as favourites from "./favourites.js";
import { amend, flush, queue, take } from "./outbox.js";
import { share, shareAddress } from "./share.js";
import { say, serviceName } from "./words.js";

export const NEAR_M = 150;
const EARTH_M = 6371000;
const UNDO_MS = 10000;
const HOUR_MS = 3600000;
const SAID = "yizhan.said";
const NO_KIT = ["open_24h", "unattended_entry"];
const FIX = { maximumAge: 60000, timeout: 3000, enableHighAccuracy: false };

const pending = new Map(); // by station: { key, kind, timer } of what can still be taken back
const shown = new Map(); // by station: what its slots say

// How far the phone is: near, far, or unknown. A fix that is too coarse to tell is unknown.
export function nearness(station, fix) {
  if (!fix) return "unknown";
  const apart_m = distance_m(station, fix);
  const blur_m = fix.accuracy_m || 0;
  if (apart_m <= NEAR_M && blur_m <= NEAR_M) return "near";
  return apart_m - blur_m > NEAR_M ? "far" : "unknown";
}

function distance_m(a, b) {
  const rad = Math.PI / 180;
  const h =
    Math.sin(((b.lat_deg - a.lat_deg) * rad) / 2) ** 2 +
    Math.cos(a.lat_deg * rad) * Math.cos(b.lat_deg * rad) * Math.sin(((b.lon_deg - a.lon_deg) * rad) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

// Put favourites, sharing and the words to say into a slot of a station. `kit` holds the keys of what
// can break there; without it the manifest tells things from programmes.
export function fillGiving(slot, { id, name, hit, manifest = null, kit = null, isOpen = false }) {
  style();
  const station = { ...hit, id, name, kit: kit || kitOf(hit.facilities || [], manifest) };
  const said = element("p", "said");
  said.setAttribute("role", "status");
  slot.dataset.id = id;
  const words = element("div", "words");
  words.append(...asking(station));
  const head = element("div", "acts");
  head.append(starButton(station), shareButton(station, said));
  slot.replaceChildren(head);
  if (isOpen) {
    slot.append(title(say("Are you there? Say it with one tap")), words, said);
  } else {
    const more = element("details", "give");
    const summary = element("summary", "", say("Are you there? Say it with one tap"));
    more.append(summary, words);
    slot.append(more, said);
  }
  slot.hidden = false;
  showIn(slot, shown.get(id));
}

export const fill = fillGiving;

// Base and extended facilities, and those around the door; not hours, programmes or what is digital.
export function kitOf(facilities, manifest) {
  const classes = manifest ? manifest.service_classes : [];
  const isKit = (key) => !manifest || ["B", "X", "A"].includes(classes[manifest.services.indexOf(key)]);
  return facilities.filter((key) => !NO_KIT.includes(key) && isKit(key));
}

function title(text) {
  return element("h2", "", text);
}

// ---- the buttons

function asking(station) {
  const door = row(say("The door"), [
    [say("It is open"), () => tap(station, "open")],
    [say("It is closed"), () => tap(station, "locked")],
    [say("Could not get in"), () => tap(station, "refused")],
  ]);
  const crowd = row(say("How full is it?"), [
    [say("Plenty of room"), () => tap(station, "crowd", "empty")],
    [say("Seats left"), () => tap(station, "crowd", "some")],
    [say("Full"), () => tap(station, "crowd", "full")],
  ]);
  const wrong = element("details", "wrong");
  wrong.append(
    element("summary", "", say("Something is wrong")),
    row(say("Getting in takes"), [
      [say("An app"), () => tap(station, "needs_app")],
      [say("A card"), () => tap(station, "needs_card")],
      [say("A phone call"), () => tap(station, "needs_call")],
    ]),
    row(say("The entry is wrong"), [
      [say("It is not here"), () => tap(station, "moved")],
      [say("Other hours"), () => tap(station, "wrong_hours")],
    ]),
  );
  if (station.kit.length) {
    wrong.append(row(say("Does not work"), station.kit.map((key) => [serviceName(key), () => tap(station, "broken", key)])));
  }
  return [door, crowd, wrong];
}

function row(name, buttons) {
  const group = element("div", "say");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", name);
  group.append(element("span", "name", name));
  for (const [text, act] of buttons) group.append(button(text, act));
  return group;
}

function starButton(station) {
  const star = button("", () => {
    const is = favourites.has(station.id);
    if (is) favourites.remove(station.id);
    else favourites.add(station);
    mark();
    document.dispatchEvent(new CustomEvent("yizhan:favourites", { detail: station.id }));
  });
  star.className = "button small-button star";
  const mark = () => {
    const is = favourites.has(station.id);
    star.setAttribute("aria-pressed", String(is));
    star.textContent = is ? say("Kept here") : say("Keep it");
    star.setAttribute("aria-label", is ? say("Kept here: {name}", { name: station.name }) : say("Keep it: {name}", { name: station.name }));
  };
  mark();
  return star;
}

function shareButton(station, said) {
  return button(say("Share it"), async () => {
    const done = await share(station);
    if (done === "copied") said.textContent = say("The address is copied. It holds the station, not your place.");
    if (done === "shown") said.textContent = shareAddress(station);
  });
}

// ---- saying it

function tap(station, kind, about = "") {
  const now_ms = Date.now();
  const what = topic(kind, about);
  const before = pending.get(station.id);
  // Within the seconds in which a word can be taken back, another one about the same replaces it.
  if (before && before.topic === what) withdraw(station.id);
  const last_ms = saidAt(station.id, what);
  if (now_ms - last_ms < HOUR_MS) {
    const minutes = Math.max(1, Math.round((now_ms - last_ms) / 60000));
    show(station.id, { text: say("You said so {minutes} min ago. Thank you, once an hour is enough.", { minutes }) });
    return;
  }
  remember(station.id, what, now_ms);
  const report = { stationId: station.id, kind, about, nearness: "unknown", saidAt_ms: now_ms, notBefore_ms: now_ms + UNDO_MS };
  const key = queue(report);
  const located = locate().then(async (fix) => fix && amend(await key, { nearness: nearness(station, fix) }));
  const timer = setTimeout(() => {
    // A word about something else may have come meanwhile: that one can still be taken back.
    if ((pending.get(station.id) || {}).key === key) pending.delete(station.id);
    located.then(send, send);
  }, UNDO_MS);
  pending.set(station.id, { key, topic: what, timer });
  show(station.id, { text: say("Noted. Thank you!"), canUndo: true });
}

// Reports of one topic hold each other up for an hour: the door, the crowd, each broken thing.
function topic(kind, about) {
  return kind === "crowd" ? "crowd" : about;
}

async function withdraw(id) {
  const one = pending.get(id);
  if (!one) return;
  clearTimeout(one.timer);
  pending.delete(id);
  remember(id, one.topic, 0);
  await take(await one.key);
}

// Send what waits, and tell each station's slots what became of it.
export async function send() {
  const done = await flush({ lang: document.documentElement.lang.split("-")[0] });
  for (const { report, outcome, trust } of done) {
    const text = {
      sent: say("Sent. Thank you!"),
      often: say("You have reported this within the hour already; thank you, once is enough."),
      refused: say("The server does not take this. Call the union on 12351 if something is wrong."),
      late: say("This was too long ago to be of use, so it was not sent."),
      kept: say("No network now: it is kept on the phone and sent later, with the time you said it."),
    }[outcome];
    show(report.stationId, { text });
    if (outcome === "sent") document.dispatchEvent(new CustomEvent("yizhan:refresh", { detail: { id: report.stationId, trust } }));
  }
  return done;
}

// Only where the reader has already let this page know the position: a word is no reason to ask.
async function locate() {
  try {
    const asked = await navigator.permissions.query({ name: "geolocation" });
    if (asked.state !== "granted") return null;
    const found = await new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject, FIX));
    return { lon_deg: found.coords.longitude, lat_deg: found.coords.latitude, accuracy_m: found.coords.accuracy };
  } catch {
    return null;
  }
}

// ---- what the slots say

function show(id, message) {
  shown.set(id, message);
  for (const slot of document.querySelectorAll('[data-slot="giving"]')) {
    if (slot.dataset.id === id) showIn(slot, message);
  }
}

function showIn(slot, message) {
  const line = slot.querySelector(".said");
  if (!line || !message) return;
  line.textContent = message.text;
  if (!message.canUndo || !pending.has(slot.dataset.id)) return;
  const id = slot.dataset.id;
  line.append(
    " ",
    button(say("Take it back"), async () => {
      await withdraw(id);
      show(id, { text: say("Taken back. Nothing was sent.") });
    }),
  );
}

// ---- what this phone has said lately, so that it can say so itself

function saidAt(id, about) {
  return lately()[`${id} ${about}`] || 0;
}

function remember(id, about, at_ms) {
  const known = lately();
  const kept = {};
  for (const [name, when_ms] of Object.entries(known)) if (Date.now() - when_ms < HOUR_MS) kept[name] = when_ms;
  if (at_ms) kept[`${id} ${about}`] = at_ms;
  else delete kept[`${id} ${about}`];
  try {
    localStorage.setItem(SAID, JSON.stringify(kept));
  } catch {
    // the server counts as well
  }
}

function lately() {
  try {
    return JSON.parse(localStorage.getItem(SAID) || "{}") || {};
  } catch {
    return {};
  }
}

// ---- small things

function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function button(text, act) {
  const made = element("button", "button small-button", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

// The sheet of these parts, once: lists do without it until they have them.
function style() {
  const href = new URL("../station.css", import.meta.url).pathname;
  if (document.querySelector(`link[rel="stylesheet"][href="${href}"]`)) return;
  const link = element("link");
  link.rel = "stylesheet";
  link.href = href;
  document.head.append(link);
}
