// The first screen: searches on the phone itself, in the published files. The position is asked for
// after a tap only and stays in the variable `origin`: it is in no address, request or storage.
import { keepInAddress } from "./addresses.js";
import { namesOfChips, openMore, setChoices, showCounts } from "./chips.js";
import { questionOf, queryOf, readChoices, wanted, widened } from "./choices.js";
import { combobox } from "./combobox.js";
import { coarseCell, openData } from "./data.js";
import { showAnswer } from "./list.js";
import { mapPart } from "./map_part.js";
import { minuteNow } from "./moments.js";
import { showNews } from "./news.js";
import { findPlaces } from "./places.js";
import { position } from "./position.js";
import { search } from "./search.js";
import { loadWords, say } from "./words.js";

const LIVE_EVERY_MS = 60_000;
const LATER_MS = 3000;
const CLASSES = ["B", "X", "A"]; // what a worker comes for; programmes are shown apart

const byId = (id) => document.getElementById(id);
const page = JSON.parse(byId("page").textContent);
const form = byId("ask");
const here = byId("here");
const input = byId("q");
// Cookies hold nothing that the files depend on.
const fetchFile = (url, options) => fetch(url, { ...options, credentials: "omit" });

let data = null;
let nameOf = (key) => key;
let origin = null; // { lon_deg, lat_deg, title, isInAddress? }
let isPartial = false; // without a network cells may be missing
let answer = null;
let passed = new Set();
let limit = page.listed;
const map = mapPart(page, { tilesNow: () => data.manifest.tiles, cellOf, onPick: fromPoint });
let report = null;

function cellOf(place) {
  const [, lon_deg, lat_deg] = coarseCell(data.manifest, place);
  return { lon_deg, lat_deg };
}

const ready = open();
start();

// Resolves to whether the files came.
async function open() {
  const words = loadWords(page.wordsAddress, { fetch: fetchFile });
  const opened = openData({ base: page.snapshot, fetch: fetchFile, cache: new Map() });
  nameOf = namesOfChips(form);
  listen();
  await words;
  data = await opened.catch(() => null);
  return data !== null;
}

async function start() {
  if ("tapped" in here.dataset) locate(); // before this script was there (tap.js)
  if (!(await ready)) return withoutData();
  combobox(input, byId("q-list"), {
    find: async (text) => {
      await painted();
      return (await places(text)).slice(0, 6);
    },
    take: (place) => fromPlace(place),
    label: kindText,
  });
  map.offer();
  const { place } = page.map;
  if (place) fromPlace({ ...place, isInAddress: true }, { isFirst: true });
  setInterval(renew, LIVE_EVERY_MS);
  document.addEventListener("visibilitychange", renew);
  document.addEventListener("yizhan:refresh", renew);
  const later = setTimeout(rest, LATER_MS);
  document.addEventListener("yizhan:answer", () => {
    clearTimeout(later);
    painted().then(rest);
  }, { once: true });
}

// What the answer does not wait for: giving back, keeping for times without a network, and what a
// rider can reach beyond a walker, so that changing to an e-bike needs no line.
async function rest() {
  report = await import("./report.js").catch(() => null);
  if (answer) draw();
  startOffline();
  setTimeout(() => origin && data.cellsFor(origin).catch(() => null), LATER_MS);
}

function startOffline() {
  import("./offline.js").then((found) => found.start(), () => null);
}

// The form goes to the server then, which answers with a list for a place, as without a script.
function withoutData() {
  byId("here-part").hidden = true;
  byId("to-map").hidden = true;
  const status = byId("status");
  const note = say("This phone could not load the stations; the server answers instead. Choose a place.");
  status.textContent = status.textContent ? `${status.textContent} ${note}` : note;
  addEventListener("online", () => location.reload(), { once: true });
  startOffline();
  if ("changed" in form.dataset && form.elements.place) form.requestSubmit(); // before this script was there
}

function listen() {
  openMore(byId("more-needs"), byId("more"));
  here.addEventListener("click", locate);
  form.addEventListener("change", (event) => {
    if (event.target === input) return;
    if (!data) {
      if (form.elements.place) form.requestSubmit();
    } else changed();
  });
  form.addEventListener("submit", (event) => {
    if (!data) return; // the server looks the name up
    const widen = event.submitter && event.submitter.name === "widen" ? event.submitter.value : "";
    event.preventDefault();
    if (widen && origin) widenBy({ act: widen === "open" ? "closed" : widen, minutes: 30 });
    else if (!widen) typed(input.value);
  });
  byId("choose").addEventListener("click", async (event) => {
    const link = event.target.closest("[data-place]");
    if (!link || !data || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const found = (await allPlaces()).find((one) => one.id === link.dataset.place);
    if (found) fromPlace(found);
    else location.assign(link.href);
  });
}

const choices = () => readChoices(new FormData(form));

// Names to start from. A row of the file is [name, pinyin, initials, kind, lon_deg, lat_deg, id].
const placeOf = ([name, , , kind, lon_deg, lat_deg, id]) => ({ name, kind, lon_deg, lat_deg, id });
const allPlaces = async () => (await data.places()).map(placeOf);
const places = async (text) => findPlaces(await data.places(), text).map(placeOf);

function kindText({ kind }) {
  if (kind === "area") return say("District");
  return kind === "station" ? say("Station") : say("Place");
}

async function typed(text) {
  const name = text.trim();
  if (!name) return void input.focus();
  const found = await places(name);
  if (found.length && (found.length === 1 || found[0].name === name)) return fromPlace(found[0]);
  byId("answer-title").textContent = found.length ? say("Which one do you mean?") : say("No place of that name");
  byId("status").textContent = found.length
    ? ""
    : say("Nothing on record is called “{text}”. Try a shorter name.", { text: name });
  byId("choose").replaceChildren(...found.map(placeLink));
  byId("choose").hidden = found.length === 0;
  showSection();
}

function placeLink(place) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.className = "chip-link";
  link.dataset.place = place.id;
  link.href = `?${queryOf(choices(), { place: place.id })}`;
  link.textContent = place.name;
  item.append(link);
  return item;
}

// A tap before the files are there is kept until they are.
async function locate() {
  if (here.getAttribute("aria-busy") === "true") return;
  const before = { title: byId("answer-title").textContent, isAnswered: answer !== null };
  here.setAttribute("aria-busy", "true");
  searching(true);
  if (!(await ready)) return searching(false);
  const cannot = say("Your device does not know where it is. Choose a place from the list or on the map.");
  const denied = say("Your device does not share its position. Choose a place from the list or on the map.");
  byId("answer-title").textContent = say("Searching …");
  status(say("Asking your device where you are …"));
  const found = await position();
  here.setAttribute("aria-busy", "false");
  if (found.coords) {
    input.value = "";
    const { longitude, latitude } = found.coords;
    return from({ lon_deg: longitude, lat_deg: latitude, title: say("Near you") });
  }
  searching(false);
  byId("answer-title").textContent = before.title;
  byId("finder").classList.toggle("answered", before.isAnswered);
  byId("choose").hidden = before.isAnswered;
  status(found.isDenied ? denied : cannot);
}

// The page takes the shape of its answer with the tap, not when the answer comes.
function searching(is) {
  byId("finder").classList.toggle("searching", is);
  if (!is) return;
  byId("finder").classList.add("answered");
  byId("choose").hidden = true;
}

function fromPlace({ lon_deg, lat_deg, name, isInAddress = false }, { isFirst = false } = {}) {
  input.value = name;
  from({ lon_deg, lat_deg, title: say("Near {place}", { place: name }), isInAddress }, { isFirst });
}

function from(place, { isFirst = false } = {}) {
  origin = place;
  passed = new Set();
  limit = page.listed;
  if (!isFirst) searching(true);
  return ask({ show: !isFirst });
}

// What was tapped is painted first, then the work begins: a slow phone answers at once.
const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

async function changed() {
  await painted();
  limit = page.listed;
  remember();
  if (origin) await ask();
}

async function widenBy(way) {
  setChoices(form, widened(choices(), way));
  await changed();
  byId("answer").focus({ preventScroll: true });
}

async function ask({ show = false } = {}) {
  let cells;
  try {
    cells = await data.cellsFor(origin, { mode: choices().mode });
  } catch {
    searching(false);
    return status(say("The stations around here could not be loaded. Check the connection and try again."));
  }
  isPartial = data.isPartial(cells);
  const { manifest, live } = data;
  const minute = minuteNow(manifest, Date.now());
  const question = questionOf(choices(), origin, { minute, limit, weather: live ? live.weather : null });
  answer = search({ cells, manifest, live, question });
  draw();
  searching(false);
  remember();
  if (show) showSection();
}

function draw() {
  const { manifest } = data;
  byId("answer-title").textContent = origin.title;
  const asked = choices();
  showCounts(form, answer.counts);
  showAnswer(answer, {
    address: page.station,
    answer,
    manifest,
    choices: asked,
    passed,
    limit,
    mode: asked.mode,
    wanted: wanted(asked),
    order: orderOf(manifest),
    nameOf,
    onAnother,
    onMore,
    onWiden: widenBy,
    giving: report && ((slot, hit) => report.fillGiving(slot, { id: hit.id, name: hit.name, hit, manifest })),
    isOffered: (key) => form.querySelector(`input[name="programme"][value="${CSS.escape(key)}"]`) !== null,
  });
  showNews(data, Date.now());
  map.draw({ origin, answer, passed });
  document.dispatchEvent(new CustomEvent("yizhan:answer", { detail: answer }));
}

// Facilities by how much they matter: those of the chips, then the taxonomy's order.
function orderOf(manifest) {
  const chips = [...form.querySelectorAll('.chip[data-key] input[name="need"]')].map((box) => box.value);
  const rest = manifest.services.filter((key, k) => CLASSES.includes(manifest.service_classes[k]));
  return [...new Set([...chips.filter((key) => rest.includes(key)), ...rest])];
}

async function onAnother() {
  passed.add(document.querySelector("#hits > .hit").dataset.id);
  await painted();
  draw();
  const next = document.querySelector("#hits > .hit");
  status(say("Next best: {name}", { name: next.querySelector("h3").textContent }));
  const again = next.querySelector('[data-fill="another"]');
  (again.hidden ? next.querySelector("h3 a") : again).focus({ preventScroll: true });
}

async function onMore() {
  const before = document.querySelectorAll("#hits > .hit").length;
  limit += page.listed;
  await painted();
  await ask();
  const rows = document.querySelectorAll("#hits > .hit");
  if (rows[before]) rows[before].querySelector("h3 a").focus();
}

// What people say is read again each minute while somebody looks.
async function renew() {
  if (document.visibilityState !== "visible") return;
  await data.refresh();
  if (origin) await ask();
  else showNews(data, Date.now());
}

function remember() {
  const isPlace = Boolean(origin && origin.isInAddress);
  if (form.elements.place && !isPlace) form.elements.place.remove();
  keepInAddress(choices(), { isPlace });
}

function showSection() {
  byId("answer").focus({ preventScroll: true });
  byId("finder").scrollIntoView();
}

function status(text) {
  byId("status").textContent = text;
}

function fromPoint(lon_deg, lat_deg) {
  input.value = "";
  from({ lon_deg, lat_deg, title: say("Near the point on the map") });
}
