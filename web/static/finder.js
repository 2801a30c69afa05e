// The finder in the browser: asks for the device's position only after a tap, sends it in a body,
// keeps it nowhere. Everything that came from data is put in as text, never as markup.
import { fillHit, stationAddress } from "./hit.js";

const page = JSON.parse(document.getElementById("page").textContent);
const words = page.words;
const byId = (id) => document.getElementById(id);
const form = byId("ask");
const status = byId("status");

let origin = page.map.place ? { ...page.map.place, isPlace: true } : null;
let answer = page.answer;
let asking = null;
let map = null;

const here = byId("here");
here.hidden = false;
here.addEventListener("click", locate);
form.addEventListener("change", (event) => {
  if (event.target.name !== "q" && origin) search();
});
form.addEventListener("submit", (event) => {
  const widen = event.submitter && event.submitter.name === "widen" ? event.submitter.value : "";
  if (!widen || !origin) return; // a typed place is looked up by the server
  event.preventDefault();
  if (widen === "minutes") form.querySelector('input[name="minutes"][value="30"]').checked = true;
  if (widen === "open") form.elements.open.checked = false;
  if (widen === "needs") for (const box of form.querySelectorAll('input[name="need"]')) box.checked = false;
  search();
});

const mapPart = byId("map-part");
mapPart.hidden = false;
new IntersectionObserver(async (entries, watcher) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  watcher.disconnect();
  try {
    const { openMap } = await import("./map.js");
    map = await openMap(byId("map"), page, { onPick: fromPoint, onOpen: light });
    if (origin) drawMap();
    else scatter();
  } catch {
    byId("map").textContent = words.map_failed;
  }
}).observe(mapPart);

function locate() {
  if (!("geolocation" in navigator)) return say(words.no_position);
  busy(true);
  say(words.locating);
  navigator.geolocation.getCurrentPosition(
    (found) => {
      busy(false);
      // Four decimals are 10 m: as good as the device knows, and no better than needed.
      const round = (degrees) => Math.round(degrees * 1e4) / 1e4;
      origin = { lon_deg: round(found.coords.longitude), lat_deg: round(found.coords.latitude), name: words.here };
      byId("q").value = "";
      search({ show: true });
    },
    (error) => {
      busy(false);
      say(error.code === error.PERMISSION_DENIED ? words.denied : words.no_position);
    },
    { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
  );
}

function fromPoint(lon_deg, lat_deg) {
  origin = { lon_deg, lat_deg, name: words.point };
  byId("q").value = "";
  search({ show: true });
}

async function search({ show = false } = {}) {
  asking?.abort();
  asking = new AbortController();
  say(words.searching);
  const chosen = new FormData(form);
  const question = {
    lon_deg: origin.lon_deg,
    lat_deg: origin.lat_deg,
    mode: chosen.get("mode"),
    minutes: Number(chosen.get("minutes")),
    open_only: chosen.has("open"),
    needs: chosen.getAll("need"),
    limit: page.listed,
    lang: page.language,
  };
  try {
    const response = await fetch(page.near, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(question),
      cache: "no-store",
      credentials: "omit",
      signal: asking.signal,
    });
    const body = await response.json();
    if (!response.ok) return say(body.error.message);
    answer = body;
    draw();
    remember(chosen);
    if (show) showAnswer();
  } catch (error) {
    if (error.name !== "AbortError") say(words.offline);
  }
}

function draw() {
  byId("answer-title").textContent = origin.isPlace ? byId("answer-title").textContent : origin.name;
  say(answer.text.count);
  byId("choose").hidden = true;
  list("hits", answer.stations);
  list("uncertain-list", answer.uncertain);
  byId("uncertain").hidden = answer.uncertain.length === 0;
  const next = answer.reason && answer.opens_next ? [answer.opens_next] : [];
  list("next-list", next);
  byId("next").hidden = next.length === 0;
  byId("reason").textContent = answer.text.reason;
  byId("nothing").hidden = !answer.reason;
  byId("left-out").textContent = answer.text.left_out;
  byId("left-out").hidden = !answer.text.left_out;
  byId("straight").hidden = !answer.is_straight_line;
  drawMap();
}

function list(id, hits) {
  const template = byId("hit");
  byId(id).replaceChildren(...hits.map((hit) => fillHit(template, hit, page.station)));
}

function drawMap() {
  if (map) map.show(origin, answer ? answer.stations : [], answer ? answer.uncertain : []);
}

async function scatter() {
  if (!page.stations) return;
  const response = await fetch(page.stations);
  const { features } = await response.json();
  if (!origin) map.scatter(features, (id) => stationAddress(page.station, id));
}

function light(id) {
  for (const row of document.querySelectorAll(".hit.lit")) row.classList.remove("lit");
  const row = [...document.querySelectorAll(".hit")].find((one) => one.dataset.id === id);
  if (row) row.classList.add("lit");
}

// The address keeps the choices, so that it can be sent to a colleague, and never a position.
function remember(chosen) {
  const query = new URLSearchParams();
  const lang = new URLSearchParams(location.search).get("lang");
  if (lang) query.set("lang", lang);
  if (origin.isPlace) query.set("place", chosen.get("place"));
  for (const [name, value] of chosen) if (["mode", "minutes", "open", "need"].includes(name)) query.append(name, value);
  if (!chosen.has("open")) query.set("open", "0");
  history.replaceState(null, "", `${location.pathname}?${query}`);
}

function showAnswer() {
  const section = byId("answer");
  section.focus({ preventScroll: true });
  section.scrollIntoView();
}

function say(text) {
  status.textContent = text;
}

function busy(is) {
  here.setAttribute("aria-busy", String(is));
}
