// Stations that a worker wants to find again. They lie on this phone only and work without a network.
const KEY = "yizhan.favourites";
const FORMAT = "yizhan-favourites";
const MOST = 200;
const TEXTS = { id: 200, name: 200, address: 300, phone: 60, code: 20 };

// What is kept of a station; null for what is no station.
export function favouriteOf(found) {
  const { lon_deg, lat_deg } = found || {};
  const isPlace = Number.isFinite(lon_deg) && Number.isFinite(lat_deg) && Math.abs(lon_deg) <= 180 && Math.abs(lat_deg) <= 90;
  if (!isPlace || typeof found.id !== "string" || !found.id || typeof found.name !== "string") return null;
  const kept = { lon_deg, lat_deg, is_synthetic: found.is_synthetic === true };
  for (const [name, most] of Object.entries(TEXTS)) kept[name] = String(found[name] || "").slice(0, most);
  return kept;
}

// The newest first.
export function list(storage = localStorage) {
  try {
    const known = JSON.parse(storage.getItem(KEY) || "[]");
    return Array.isArray(known) ? known.map(favouriteOf).filter(Boolean) : [];
  } catch {
    return []; // damaged, or a browser that keeps nothing
  }
}

export function has(id, storage = localStorage) {
  return list(storage).some((one) => one.id === id);
}

// Gives whether it is kept.
export function add(station, storage = localStorage) {
  const kept = favouriteOf(station);
  return kept !== null && write([kept, ...list(storage).filter((one) => one.id !== kept.id)], storage);
}

export function remove(id, storage = localStorage) {
  return write(list(storage).filter((one) => one.id !== id), storage);
}

// The text of a file to take to another phone.
export function exported(storage = localStorage) {
  return JSON.stringify({ format: FORMAT, stations: list(storage) }, null, 1);
}

// Take in such a file; gives how many stations were new, null when it is none of ours.
export function imported(text, storage = localStorage) {
  let file = null;
  try {
    file = JSON.parse(text);
  } catch {
    return null;
  }
  if (!file || file.format !== FORMAT || !Array.isArray(file.stations)) return null;
  const known = list(storage);
  const ids = new Set(known.map((one) => one.id));
  const fresh = [];
  for (const one of file.stations.map(favouriteOf)) {
    if (one && !ids.has(one.id)) {
      ids.add(one.id);
      fresh.push(one);
    }
  }
  write([...known, ...fresh], storage);
  return fresh.length;
}

function write(stations, storage) {
  try {
    storage.setItem(KEY, JSON.stringify(stations.slice(0, MOST)));
    return true;
  } catch {
    return false; // full, or a browser that keeps nothing
  }
}
