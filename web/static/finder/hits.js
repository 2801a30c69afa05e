// One station of an answer, with all that is shown of it. Pure.
import { OPEN, STATES, openToday, stateAt, todayOf, whatHolds } from "./schedule.js";

const US_PER_MIN = 6e7;

// `k` is a place in what search.js reached.
export function hitOf(reached, k, question, manifest, live) {
  const table = reached.tables[reached.table[k]];
  const row = reached.row[k];
  const station = table.stations[row];
  const { days_min } = reached;
  const arrival = reached.arrival_us[k] / US_PER_MIN;
  const door = whatHolds(table, station.schedule, arrival, days_min);
  if (reached.is_doubted[k]) Object.assign(door, { state: "unknown", why: "doubted" });
  const names = (numbers) => (numbers || []).map((service) => manifest.services[service]);
  const seconds = reached.seconds[k];
  return {
    id: station.id,
    code: station.code || "",
    name: station.name,
    lon_deg: station.lon_deg,
    lat_deg: station.lat_deg,
    travel_s: seconds,
    distance_m: reached.metres[k],
    minutes: minutesUp(seconds),
    arrival,
    ...door,
    now_state: STATES[stateAt(table, station.schedule, Math.floor(question.minute), days_min)],
    start: manifest.start,
    entry: station.entry,
    facilities: names(station.facilities),
    out: names(station.out),
    programmes: programmesToday(table, row, arrival, manifest, days_min),
    address: station.address || "",
    phone: station.phone || "",
    host: station.host || "",
    kind: station.kind || "",
    status: station.status || "",
    verified_on: station.verified_on || "",
    is_synthetic: Boolean(station.is_synthetic),
    crowd_week: station.crowd_week || "",
    live: said(live, station.id),
  };
}

// Whole minutes, rounded up: nobody is late by trusting them.
export function minutesUp(seconds) {
  return Math.max(1, Math.ceil(Number((seconds / 60).toFixed(6))));
}

export function said(live, id) {
  const known = live && live.stations;
  return known && Object.prototype.hasOwnProperty.call(known, id) ? known[id] : null;
}

// The programmes on the day of arrival: whether each is still held (open), or perhaps (unknown), and when.
function programmesToday(table, row, arrival, manifest, days_min) {
  const notes = new Map((table.stations[row].programmes || []).map(([service, , note]) => [service, note || ""]));
  const minute = Math.floor(arrival);
  const events = table.events[row];
  const found = [];
  for (let i = 0; i < events.length; i += 2) {
    const [service, schedule] = [events[i], events[i + 1]];
    found.push({
      key: manifest.services[service],
      state: STATES[todayOf(table, schedule, minute, days_min)],
      today: openToday(table, schedule, minute, days_min),
      is_on: stateAt(table, schedule, minute, days_min) === OPEN,
      note: notes.get(service) || "",
    });
  }
  return found;
}
