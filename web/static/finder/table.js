// The stations of a cell in flat arrays, made once, so that a search touches little memory. Pure.
// Plain loops: this runs on the first search, when nothing is warm yet.
const tables = new WeakMap();
const NONE = [];

export function tableOf(cell, manifest) {
  let table = tables.get(cell);
  if (!table) tables.set(cell, (table = build(cell, manifest)));
  return table;
}

function build(cell, manifest) {
  const { stations } = cell;
  const isProgramme = manifest.service_classes.map((kind) => kind === "P");
  const n = stations.length;
  const n_words = Math.ceil(isProgramme.length / 32);
  const table = {
    cell,
    n,
    stations,
    n_words,
    lon: new Float64Array(n),
    lat: new Float64Array(n),
    schedule: new Int32Array(n),
    walkIn: new Uint8Array(n),
    works: new Int32Array(n * n_words), // bits: what it has and what works, without programmes
    events: new Array(n), // programmes: service, schedule, service, schedule …
    ...flat(cell.schedules),
  };
  for (let k = 0; k < n; k += 1) {
    const station = stations[k];
    table.lon[k] = station.lon_deg;
    table.lat[k] = station.lat_deg;
    table.schedule[k] = station.schedule;
    table.walkIn[k] = station.entry === "walk_in" ? 1 : 0;
    const has = station.facilities || NONE;
    let events = NONE;
    for (let i = 0; i < has.length; i += 1) {
      const service = has[i];
      if (station.out && station.out.includes(service)) continue;
      if (!isProgramme[service]) table.works[k * n_words + (service >> 5)] |= 1 << (service & 31);
      else if (events === NONE) events = [service, scheduleOf(station, service)];
      else events.push(service, scheduleOf(station, service));
    }
    table.events[k] = events;
  }
  return table;
}

// A programme without hours of its own is held whenever the station is open.
function scheduleOf(station, programme) {
  for (const [service, schedule] of station.programmes || []) if (service === programme) return schedule;
  return station.schedule;
}

// The parts of all schedules one after another: those of schedule s from first[s] to first[s + 1].
function flat(schedules) {
  const first = new Int32Array(schedules.length + 1);
  for (let s = 0; s < schedules.length; s += 1) first[s + 1] = first[s] + schedules[s].parts.length;
  const begins = new Int32Array(first[schedules.length]);
  const states = new Uint8Array(first[schedules.length]);
  for (let s = 0; s < schedules.length; s += 1) {
    const { parts } = schedules[s];
    for (let i = 0; i < parts.length; i += 1) {
      begins[first[s] + i] = parts[i][0];
      states[first[s] + i] = parts[i][1];
    }
  }
  return { first, begins, states };
}
