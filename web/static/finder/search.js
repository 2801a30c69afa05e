// The search on the phone: the twin of stations.finder. Pure: the same question, the same answer.
//
// A question is { lon_deg, lat_deg, minute, mode, minutes, open_only, walk_in, needs, programmes,
// limit, weather }; `minute` counts from the manifest's start and need not be whole. Every filter
// comes before the limit. A programme is asked for today: it must still be held between arrival and
// the end of that day. The station opens for it, whatever its own hours say, so a door counts as
// open while a programme that is asked for is held.
import { travelSeconds } from "./detours.js";
import { hitOf, said } from "./hits.js";
import { minuteOf } from "./moments.js";
import { CLOSED, OPEN, UNKNOWN, nextOpen, stateAt, todayOf } from "./schedule.js";
import { tableOf } from "./table.js";

const US_PER_MIN = 6e7; // moments are compared in whole microseconds, as Python does
const DAY_MIN = 1440;
const M_PER_DEG = 110500; // a degree has more, so no box is too small
const BAND_MIN = 5;
const FOR_WEATHER = ["air_conditioning", "drinking_water", "open_24h"];

const NO = -1; // a programme that is asked for is not held any more today
const IS_HELD = 1; // one is under way on arrival
const IS_UNSURE = 2; // one has hours that are not known

export function search({ cells, manifest, live, question, travel = travelSeconds }) {
  const asked = readQuestion(question, manifest);
  const reached = inReach(cells, manifest, live, question, travel);
  const compare = question.weather ? byWeather(reached, manifest) : byTime(reached);
  const found = judge(reached, asked, compare, question.limit);
  const hit = (k) => hitOf(reached, k, question, manifest, live);
  const next = found.n_open ? -1 : opensNext(reached, asked);
  return {
    stations: found.sure.map(hit),
    uncertain: found.unsure.map(hit),
    n: found.n,
    n_uncertain: found.n_unsure,
    n_closed: found.n_closed,
    reason: found.n ? "" : !reached.n ? "nothing_in_reach" : found.n_meet ? "none_open" : "needs_unmet",
    emptied_by: found.n ? null : emptiedBy(reached, asked),
    opens_next: next < 0 ? null : hit(next),
    needs_counts: needsCounts(reached, asked),
    counts: found.counts,
    minute: question.minute,
  };
}

function readQuestion(question, manifest) {
  const keys = [...new Set([...(question.needs || []), ...(question.programmes || [])])];
  const services = keys.map((key) => manifest.services.indexOf(key));
  const isProgramme = (service) => manifest.service_classes[service] === "P";
  return {
    needs: services.filter((service) => !isProgramme(service)),
    programmes: services.filter(isProgramme),
    walk_in: Boolean(question.walk_in),
    open_only: Boolean(question.open_only),
    services: manifest.services,
  };
}

// Everything that can be reached: where it stands in the tables, the journey, the door on arrival.
function inReach(cells, manifest, live, question, travel) {
  const { lon_deg, lat_deg, mode } = question;
  const here = { lon_deg, lat_deg };
  const limit_s = question.minutes * 60;
  const straight_m = Math.min(manifest.reach_m, limit_s * manifest.speeds_m_per_s[mode]);
  const tall = straight_m / M_PER_DEG;
  const wide = tall / Math.cos((Math.min(89, Math.abs(lat_deg) + tall) * Math.PI) / 180);
  const start_us = Math.round(question.minute * US_PER_MIN);
  const doubted = doubtedBy(live, manifest);
  const tables = cells.map((cell) => tableOf(cell, manifest));
  const found = empty(tables, manifest.days * DAY_MIN);
  for (let t = 0; t < tables.length; t += 1) {
    const { n, lon, lat, schedule, stations } = tables[t];
    for (let row = 0; row < n; row += 1) {
      if (Math.abs(lat[row] - lat_deg) > tall || Math.abs(lon[row] - lon_deg) > wide) continue;
      const journey = travel(stations[row], here, mode, manifest);
      if (journey === null || !(journey[0] <= limit_s)) continue;
      const k = found.n;
      const arrival_us = start_us + Math.round(journey[0] * 1e6);
      found.table[k] = t;
      found.row[k] = row;
      found.seconds[k] = journey[0];
      found.metres[k] = journey[1];
      found.arrival_us[k] = arrival_us;
      found.door[k] = stateAt(tables[t], schedule[row], Math.floor(arrival_us / US_PER_MIN), found.days_min);
      if (doubted.size && found.door[k] === OPEN && isWithin(doubted.get(stations[row].id), arrival_us / US_PER_MIN)) {
        found.door[k] = UNKNOWN;
        found.is_doubted[k] = 1;
      }
      found.n = k + 1;
    }
  }
  return found;
}

function empty(tables, days_min) {
  const most = tables.reduce((sum, table) => sum + table.n, 0);
  return {
    n: 0,
    tables,
    days_min,
    table: new Uint16Array(most),
    row: new Int32Array(most),
    seconds: new Float64Array(most),
    metres: new Float64Array(most),
    arrival_us: new Float64Array(most),
    door: new Uint8Array(most),
    is_doubted: new Uint8Array(most),
  };
}

// When people doubt the hours: by station, minutes from and to. Read once for each live file.
const doubts = new WeakMap();
function doubtedBy(live, manifest) {
  if (!live) return new Map();
  const known = doubts.get(live);
  if (known && known.start === manifest.start) return known.found;
  const found = new Map();
  for (const id of Object.keys(live.stations || {})) {
    const { doubted } = said(live, id);
    if (doubted) found.set(id, doubted.map((pair) => pair.map((iso) => minuteOf(manifest, iso))));
  }
  doubts.set(live, { start: manifest.start, found });
  return found;
}

const isWithin = (pairs, minute) => Boolean(pairs) && pairs.some(([from, to]) => from <= minute && minute < to);

// The filters.

function meetsNeeds(asked, table, row) {
  if (asked.walk_in && !table.walkIn[row]) return false;
  for (let i = 0; i < asked.needs.length; i += 1) if (!works(table, row, asked.needs[i])) return false;
  return true;
}

const works = (table, row, service) =>
  service >= 0 && (table.works[row * table.n_words + (service >> 5)] & (1 << (service & 31))) !== 0;

// How the programmes asked for stand on arrival: NO, or IS_HELD and IS_UNSURE put together.
function programmesOn(asked, reached, k) {
  let found = 0;
  for (let i = 0; i < asked.programmes.length; i += 1) {
    const one = programmeOn(reached, k, asked.programmes[i]);
    if (one === NO) return NO;
    found |= one;
  }
  return found;
}

function programmeOn(reached, k, service) {
  const table = reached.tables[reached.table[k]];
  const events = table.events[reached.row[k]];
  for (let i = 0; i < events.length; i += 2) if (events[i] === service) return heldOn(reached, k, table, events[i + 1]);
  return NO;
}

function heldOn(reached, k, table, schedule) {
  const minute = Math.floor(reached.arrival_us[k] / US_PER_MIN);
  const today = todayOf(table, schedule, minute, reached.days_min);
  if (today === CLOSED) return NO;
  if (today === UNKNOWN) return IS_UNSURE;
  return stateAt(table, schedule, minute, reached.days_min) === OPEN ? IS_HELD : 0;
}

// The state for all that is asked: open when surely open, and surely held.
function stateFor(door, on) {
  if (door !== OPEN && !(on & IS_HELD)) return door;
  return on & IS_UNSURE ? UNKNOWN : OPEN;
}

// The answer: the best ones, and for each chip how many there were if it were on together with the
// others.
function judge(reached, asked, compare, limit) {
  const found = { sure: [], unsure: [], n: 0, n_unsure: 0, n_closed: 0, n_meet: 0, n_open: 0, counts: null };
  const counts = new Int32Array(asked.services.length);
  let walk_in = 0;
  for (let k = 0; k < reached.n; k += 1) {
    const table = reached.tables[reached.table[k]];
    const row = reached.row[k];
    if (!meetsNeeds(asked, table, row)) continue;
    const on = programmesOn(asked, reached, k);
    if (on === NO) continue;
    const state = stateFor(reached.door[k], on);
    found.n_meet += 1;
    if (state === OPEN) found.n_open += 1;
    if (state === OPEN || !asked.open_only) {
      found.n += 1;
      insert(found.sure, k, compare, limit);
      walk_in += table.walkIn[row];
      countBits(counts, table, row);
    } else if (state === UNKNOWN) {
      found.n_unsure += 1;
      insert(found.unsure, k, compare, limit);
    } else found.n_closed += 1;
    const events = table.events[row];
    for (let i = 0; i < events.length; i += 2) {
      const one = heldOn(reached, k, table, events[i + 1]);
      if (one !== NO && (!asked.open_only || stateFor(reached.door[k], on | one) === OPEN)) counts[events[i]] += 1;
    }
  }
  found.counts = { walk_in };
  asked.services.forEach((key, service) => {
    found.counts[key] = counts[service];
  });
  return found;
}

function countBits(counts, { works, n_words }, row) {
  for (let word = 0; word < n_words; word += 1) {
    let bits = works[row * n_words + word];
    while (bits) {
      counts[word * 32 + 31 - Math.clz32(bits & -bits)] += 1;
      bits &= bits - 1;
    }
  }
}

function insert(list, k, compare, limit) {
  if (list.length >= limit) {
    if (!limit || compare(k, list[list.length - 1]) >= 0) return;
    list.pop();
  }
  let at = list.length;
  while (at > 0 && compare(k, list[at - 1]) < 0) at -= 1;
  list.splice(at, 0, k);
}

// How many would be listed.
function count(reached, asked) {
  let n = 0;
  for (let k = 0; k < reached.n; k += 1) {
    if (!meetsNeeds(asked, reached.tables[reached.table[k]], reached.row[k])) continue;
    const on = programmesOn(asked, reached, k);
    if (on !== NO && (!asked.open_only || stateFor(reached.door[k], on) === OPEN)) n += 1;
  }
  return n;
}

// The one chip that, taken off, gives most; "all" when no single one gives any.
function emptiedBy(reached, asked) {
  if (!reached.n) return { chip: "minutes", n: 0 };
  const tried = [];
  if (asked.open_only) tried.push(["open_only", { ...asked, open_only: false }]);
  if (asked.walk_in) tried.push(["walk_in", { ...asked, walk_in: false }]);
  for (const part of ["needs", "programmes"])
    for (const service of asked[part])
      tried.push([asked.services[service], { ...asked, [part]: asked[part].filter((other) => other !== service) }]);
  let best = { chip: "all", n: 0 };
  for (const [chip, less] of tried) {
    const n = count(reached, less);
    if (n > best.n) best = { chip, n };
  }
  return best.n ? best : { chip: "all", n: reached.n };
}

function needsCounts(reached, asked) {
  const found = {};
  const tally = (key, is) => {
    found[key] = 0;
    for (let k = 0; k < reached.n; k += 1) if (is(k)) found[key] += 1;
  };
  for (const need of asked.needs)
    tally(asked.services[need], (k) => works(reached.tables[reached.table[k]], reached.row[k], need));
  for (const one of asked.programmes) tally(asked.services[one], (k) => programmeOn(reached, k, one) !== NO);
  if (asked.walk_in) tally("walk_in", (k) => reached.tables[reached.table[k]].walkIn[reached.row[k]]);
  return found;
}

// Of the stations that meet the needs the one whose door opens first.
function opensNext(reached, asked) {
  const compare = byTime(reached);
  let best = -1;
  let least = Infinity;
  for (let k = 0; k < reached.n; k += 1) {
    const table = reached.tables[reached.table[k]];
    const row = reached.row[k];
    if (!meetsNeeds(asked, table, row) || programmesOn(asked, reached, k) === NO) continue;
    const opens = nextOpen(table, table.schedule[row], reached.arrival_us[k] / US_PER_MIN, reached.days_min);
    if (opens === null || opens > least || (opens === least && compare(k, best) > 0)) continue;
    [best, least] = [k, opens];
  }
  return best;
}

// Nearest first; equal times in the order of their ids.
function byTime({ seconds, tables, table, row }) {
  const id = (k) => tables[table[k]].stations[row[k]].id;
  return (a, b) => seconds[a] - seconds[b] || (id(a) < id(b) ? -1 : 1);
}

// In heat, frost and heavy rain: among stations that are about as far, first those that help most.
function byWeather(reached, manifest) {
  const services = FOR_WEATHER.map((key) => manifest.services.indexOf(key));
  const band = (k) => Math.floor(reached.seconds[k] / 60 / BAND_MIN);
  const helps = (k) => {
    const table = reached.tables[reached.table[k]];
    let n = 0;
    for (let i = 0; i < services.length; i += 1) if (works(table, reached.row[k], services[i])) n += 1;
    return n;
  };
  const time = byTime(reached);
  return (a, b) => band(a) - band(b) || helps(b) - helps(a) || time(a, b);
}
