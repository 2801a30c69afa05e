// One station of the list, filled into a copy of the page's template. Text only.
import { stationAddress } from "./addresses.js";
import { goingThere } from "./links.js";
import { minuteOf, whenText } from "./moments.js";
import { crowdAt, stateText } from "./state.js";
import { entryWords, say } from "./words.js";

const FIRST = 3;
const MOST_PROGRAMMES = 2;
const DAY_MIN = 1440;

// `order`: keys of facilities by how much they matter; `wanted`: those asked for.
export function fillCard(row, hit, { address, answer, manifest, wanted, order, nameOf, isOffered, mode }) {
  const fill = (name) => row.querySelector(`[data-fill="${name}"]`);
  const put = (name, text) => {
    const element = fill(name);
    element.textContent = text;
    element.hidden = !text;
  };
  row.dataset.id = hit.id;
  fill("name").textContent = hit.name;
  fill("name").href = stationAddress(address, hit.id);
  fill("minutes").textContent = say("{minutes} min", { minutes: hit.minutes });
  fill("distance").textContent = metresText(hit.distance_m);
  const box = fill("state-box");
  box.className = `state ${hit.state}`;
  box.querySelector("use").setAttribute("href", `#s-${hit.state}`);
  fill("state").textContent = stateText(hit, answer.minute);
  fill("entry").textContent = entryWords((hit.live && hit.live.entry) || hit.entry);
  fill("facilities").replaceChildren(fill("facilities").firstElementChild, ...offers(hit, wanted, order, nameOf));
  const held = programmeTexts(hit, answer.minute, { nameOf, wanted, isOffered });
  fill("programmes").replaceChildren(...held.map((text) => withIcon("i-programme", text)));
  fill("programmes").hidden = held.length === 0;
  const out = hit.out || [];
  put("out", out.length ? say("Does not work: {names}", { names: out.map(nameOf).join(say(", ")) }) : "");
  put("checked", checkedText(hit));
  put("crowd", crowdText(hit, manifest, answer.minute));
  put("address", hit.address || "");
  fill("invented").hidden = !hit.is_synthetic;
  for (const name of ["called", "more-of"]) fill(name).textContent = ` ${hit.name}`;
  fill("phone").hidden = !hit.phone;
  if (hit.phone) fill("phone").href = `tel:${hit.phone.replace(/[^\d+*#,;-]/g, "")}`;
  fill("apps").replaceChildren(...goingThere(hit, { mode }).map(appLink));
  fill("going").hidden = false;
  return row;
}

export function metresText(distance_m) {
  if (distance_m < 995) return say("{metres} m", { metres: Math.max(10, Math.round(distance_m / 10) * 10) });
  return say("{km} km", { km: (distance_m / 1000).toFixed(1) });
}

// Three facilities, those asked for first, and how many more there are.
function offers(hit, wanted, order, nameOf) {
  const has = new Set(hit.facilities.filter((key) => !(hit.out || []).includes(key)));
  const asked = wanted.filter((key) => has.has(key) && order.includes(key)); // programmes have a line of their own
  const mine = [...new Set([...asked, ...order.filter((key) => has.has(key))])];
  const first = mine.slice(0, Math.max(FIRST, asked.length));
  const items = first.map((key) => withIcon(iconOf(key), nameOf(key)));
  if (mine.length > first.length) items.push(withIcon("", say("{n} more", { n: mine.length - first.length })));
  return items;
}

function iconOf(key) {
  return document.getElementById(`i-${key}`) ? `i-${key}` : "s-tick";
}

function withIcon(id, text) {
  const item = document.createElement("li");
  if (id) {
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    icon.setAttribute("class", "shape");
    icon.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `#${id}`);
    icon.append(use);
    item.append(icon);
  }
  const word = document.createElement("span");
  word.textContent = text;
  item.append(word);
  return item;
}

// Programmes of today, those asked for first and then those with a chip: "爱心早餐 05:00–07:00".
function programmeTexts(hit, minute, { nameOf, wanted, isOffered }) {
  const rank = (one) => (wanted.includes(one.key) ? 0 : 1);
  const held = hit.programmes.filter((one) => one.state !== "closed" && (rank(one) === 0 || isOffered(one.key)));
  return held
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, Math.max(MOST_PROGRAMMES, held.filter((one) => rank(one) === 0).length))
    .map((one) => {
      const name = nameOf(one.key);
      if (one.state === "unknown") return say("{name}: not certain today", { name });
      const times = one.today.map(([from, to]) => timesText(from, to, minute, hit.start));
      return [name, times.join(say(", "))].join(" ");
    });
}

function timesText(from, to, minute, start) {
  const dayStart = Math.floor(minute / DAY_MIN) * DAY_MIN;
  if (from <= dayStart && to >= dayStart + DAY_MIN) return say("all day");
  return `${whenText(from, minute, start)}–${whenText(to, minute, start)}`;
}

function checkedText(hit) {
  const n = hit.live ? hit.live.today || 0 : 0;
  if (n) return say("Confirmed today by {n}", { n });
  if (!hit.verified_on) return say("Never checked on the spot");
  return say("Checked on {date}", { date: hit.verified_on });
}

function crowdText(hit, manifest, minute) {
  if (!hit.live || !hit.live.crowd) return "";
  const crowd = crowdAt(hit.live, minuteOf(manifest, hit.live.crowd[1]), minute);
  if (!crowd) return "";
  const age = Math.max(1, crowd.age_min);
  if (crowd.level === "empty") return say("Empty, {age} min ago", { age });
  if (crowd.level === "some") return say("Seats free, {age} min ago", { age });
  return say("Full, {age} min ago", { age });
}

function appLink({ app, href }) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.className = "button";
  link.href = href;
  link.rel = "noreferrer";
  link.textContent = appName(app);
  item.append(link);
  return item;
}

function appName(app) {
  if (app === "amap") return say("Amap");
  if (app === "baidu") return say("Baidu Maps");
  if (app === "tencent") return say("Tencent Maps");
  return say("The phone's own map");
}
