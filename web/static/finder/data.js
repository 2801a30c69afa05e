// The published files: the manifest, what people say now, and the cells around a coarse place.
// What is asked for depends on the coarse cell alone: no finer position is in any request, and
// neither the order nor the number of requests tells more.
import { minuteNow, minuteOf } from "./moments.js";

const FORMAT = 1;
const LIVE_OLD_MIN = 10;
const M_PER_DEG = 111195;

// `base` is the address of the folder, ending in "/". `cache` holds what was read, by path; it lives
// as long as the page. `digest` gives the SHA-256 of bytes in hex; null where the browser has none
// (it has on https and on localhost), and then files are taken as they come.
export async function openData({ base, fetch = globalThis.fetch, cache = new Map(), digest = browserDigest() }) {
  let manifest = await readManifest();
  let live = await readLive();
  const around = new Map(); // what was loaded, by coarse cell: the same list again and again
  const partial = new WeakSet(); // lists in which cells are missing: somebody went on without a network

  async function readManifest() {
    const found = await (await ask("manifest.json", { cache: "no-cache" })).json();
    if (found.format !== FORMAT) throw new Error(`manifest of format ${found.format}`);
    return found;
  }

  async function readLive() {
    try {
      return await (await ask(manifest.live, { cache: "no-cache" })).json();
    } catch {
      return null; // without it the posted hours stand
    }
  }

  async function ask(path, options = {}) {
    const response = await fetch(base + path, { credentials: "omit", ...options });
    if (!response.ok) throw Object.assign(new Error(`${path}: ${response.status}`), { status: response.status });
    return response;
  }

  // A file that is not what the manifest says was broken on its way or in a cache: once more.
  async function readFile(path) {
    if (cache.has(path)) return cache.get(path);
    let bytes = await (await ask(path)).arrayBuffer();
    if (!(await isWhole(path, bytes))) {
      bytes = await (await ask(path, { cache: "reload" })).arrayBuffer();
      if (!(await isWhole(path, bytes))) throw new Error(`${path} is broken`);
    }
    const found = JSON.parse(new TextDecoder().decode(bytes));
    cache.set(path, found);
    return found;
  }

  async function isWhole(path, bytes) {
    const told = manifest.files[path];
    return !told || !digest || (await digest(bytes)) === told.sha256;
  }

  async function load(coarse, reach_m) {
    const paths = cellsToLoad(manifest, coarse, reach_m).map((cell) => cell[4]);
    let failed = null;
    const orNull = (path) =>
      readFile(path).catch((error) => {
        if (error.status === 404) throw error; // published again meanwhile
        failed = error;
        return null;
      });
    const found = (await Promise.all(paths.map(orNull))).filter(Boolean);
    if (failed && !found.length) throw failed;
    if (failed) partial.add(found);
    for (const path of cache.keys()) if (!manifest.files[path]) cache.delete(path);
    return found;
  }

  const age_min = (iso, epoch_ms) => minuteNow(manifest, epoch_ms) - minuteOf(manifest, iso);

  return {
    get manifest() {
      return manifest;
    },
    get live() {
      return live;
    },

    // The cells that any question from this coarse place can need; with a `mode`, any question of a
    // walker or a rider. Files of a manifest that was replaced meanwhile may be gone: then it is read
    // again, once.
    async cellsFor({ lon_deg, lat_deg }, { mode = null } = {}) {
      const coarse = coarseCell(manifest, { lon_deg, lat_deg });
      if (!coarse) return [];
      const reach_m = mode ? manifest.limit_s * manifest.speeds_m_per_s[mode] : Infinity;
      const key = `${manifest.version} ${coarse[0]} ${reach_m}`;
      if (!around.has(key)) around.set(key, load(coarse, reach_m));
      try {
        const found = await around.get(key);
        if (partial.has(found)) around.delete(key); // the next question tries again
        return found;
      } catch (error) {
        around.delete(key);
        if (error.status !== 404) throw error;
        manifest = await readManifest();
        return load(coarseCell(manifest, { lon_deg, lat_deg }), reach_m);
      }
    },

    // Whether some of the cells could not be had.
    isPartial(cells) {
      return partial.has(cells);
    },

    async places() {
      return (await readFile(manifest.places)).places;
    },

    // Reads what may have changed; false when the network does not answer.
    async refresh() {
      try {
        manifest = await readManifest();
      } catch {
        return false;
      }
      live = await readLive();
      return live !== null;
    },

    // Whether what people say is too old to be shown as of now.
    isStale(epoch_ms) {
      return !live || age_min(live.made_at, epoch_ms) > LIVE_OLD_MIN;
    },

    // Whether the opening times that were worked out are over.
    isOver(epoch_ms) {
      return minuteNow(manifest, epoch_ms) >= manifest.days * 1440;
    },

    // Minutes since the stations were published.
    age_min(epoch_ms) {
      return age_min(manifest.made_at, epoch_ms);
    },
  };
}

// The cell whose centre is nearest, as it stands in the manifest; null where there are none.
export function coarseCell(manifest, place) {
  let best = null;
  let least = Infinity;
  for (const cell of manifest.cells) {
    const away = straight_m({ lon_deg: cell[1], lat_deg: cell[2] }, place);
    if (away < least) [best, least] = [cell, away];
  }
  return best;
}

// The cells with stations around a coarse cell, in the order of the manifest.
export function cellsToLoad(manifest, coarse, reach_m = Infinity) {
  const within_m = manifest.load_m - Math.max(0, manifest.reach_m - reach_m);
  const centre = { lon_deg: coarse[1], lat_deg: coarse[2] };
  return manifest.cells.filter(
    (cell) => cell[4] && straight_m({ lon_deg: cell[1], lat_deg: cell[2] }, centre) <= within_m,
  );
}

// Straight line on a sphere, good for a city.
function straight_m(one, other) {
  const shrink = Math.cos(((one.lat_deg + other.lat_deg) / 2) * (Math.PI / 180));
  return M_PER_DEG * Math.hypot((one.lon_deg - other.lon_deg) * shrink, one.lat_deg - other.lat_deg);
}

function browserDigest() {
  const subtle = globalThis.crypto && globalThis.crypto.subtle;
  if (!subtle) return null;
  return async (bytes) =>
    [...new Uint8Array(await subtle.digest("SHA-256", bytes))].map((b) => b.toString(16).padStart(2, "0")).join("");
}
