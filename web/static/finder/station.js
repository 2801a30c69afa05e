// The page of a station: what can be given back, its place on the map, and the state anew when the
// page came out of a cache. The page is whole without any of it.
import { openData } from "./data.js";
import { minuteNow, minuteOf } from "./moments.js";
import { start } from "./offline.js";
import { fillGiving, send } from "./report.js";
import { search } from "./search.js";
import { shortState, stateText } from "./state.js";
import { loadWords, say } from "./words.js";

const OLD_MIN = 5;
const DAY_MIN = 1440;
const page = JSON.parse(document.getElementById("page").textContent);
const { station } = page;
const byId = (id) => document.getElementById(id);

async function begin() {
  await loadWords(page.words_address);
  const slot = document.querySelector('[data-slot="giving"]');
  if (slot) fillGiving(slot, { id: station.id, name: station.name, hit: station, kit: page.kit, isOpen: true });
  document.addEventListener("yizhan:refresh", (event) => said(event.detail));
  document.addEventListener("yizhan:network", () => renew());
  start();
  renew();
  send().catch(() => {});
  drawMapWhenSeen();
}

// What follows from a report that was sent: the reasons anew.
function said(detail) {
  const trust = detail && detail.id === station.id && detail.trust;
  if (!trust) return;
  byId("reasons").replaceChildren(
    ...trust.reasons.slice(0, 4).map((reason) => {
      const item = document.createElement("li");
      item.textContent = reason.text;
      return item;
    }),
  );
}

// A page out of a cache says what was so when it was stored: work the state out anew from the kept
// data, or else say of when it is.
async function renew() {
  const isOffline = document.documentElement.classList.contains("offline");
  try {
    const data = await openData({ base: "/snapshot/" });
    const minute = minuteNow(data.manifest, Date.now());
    const made = minuteOf(data.manifest, page.moment);
    const isOld = Math.abs(minute - made) > OLD_MIN;
    if (!isOld && !isOffline) return;
    if (data.isOver(Date.now())) return asOf(made, minute);
    const hit = await hitOf(data, minute);
    if (!hit) return asOf(made, minute);
    const box = byId("state");
    box.className = `state big ${hit.state}`;
    box.querySelector("use").setAttribute("href", `#s-${hit.state}`);
    box.querySelector("span").textContent = stateText(hit, minute);
    page.text = { state_word: shortState(hit), state: stateText(hit, minute) };
    byId("as-of").textContent = say("By the posted hours, without what people say now.");
    byId("as-of").hidden = !data.isStale(Date.now());
    byId("crowd").hidden = true;
  } catch {
    if (isOffline) asOf(null, null);
  }
}

async function hitOf(data, minute) {
  const { lon_deg, lat_deg } = station;
  const cells = await data.cellsFor({ lon_deg, lat_deg });
  const question = { lon_deg, lat_deg, minute, mode: "walk", minutes: 30, open_only: false, needs: [], programmes: [], limit: 5000 };
  const live = data.isStale(Date.now()) ? null : data.live;
  const found = search({ cells, manifest: data.manifest, live, question });
  return [...found.stations, ...found.uncertain].find((hit) => hit.id === station.id);
}

function asOf(made, minute) {
  const time = page.moment.slice(11, 16);
  const day = page.moment.slice(0, 10);
  const isToday = made !== null && Math.floor(made / DAY_MIN) === Math.floor(minute / DAY_MIN);
  // What was so then is said as such, and not in the colour of an open door.
  byId("as-of").textContent = isToday ? say("As of {time}, not checked since", { time }) : say("As of {day}, {time}, not checked since", { day, time });
  byId("as-of").hidden = false;
  byId("crowd").hidden = true;
  const box = byId("state");
  box.className = "state big unknown";
  box.querySelector("use").setAttribute("href", "#s-unknown");
}

function drawMapWhenSeen() {
  const part = byId("map-part");
  part.hidden = false;
  new IntersectionObserver(async (entries, watcher) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    try {
      const { openMap } = await import("../map.js");
      const map = await openMap(byId("map"), page);
      map.show(null, [{ ...station, text: page.text }], []);
    } catch {
      byId("map").textContent = page.words.map_failed;
    }
  }).observe(part);
}

begin();
