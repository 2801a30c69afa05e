// Journeys: straight line × detour factor, measured beforehand. The twin of stations/detours.py.

const EQUATOR_M = 6378137; // WGS 84
const FLAT = 0.00669437999014;
const RAD = Math.PI / 180;
const OUT_OF_REACH = "-";

// Seconds and metres from a place to a station; null where the mode cannot get there.
export function travelSeconds(station, place, mode, manifest) {
  const speed = manifest.speeds_m_per_s[mode];
  if (!speed) return null;
  const reading = manifest.detours;
  // Metres east and north of the station, on the ellipsoid at the mean latitude.
  const lat = ((station.lat_deg + place.lat_deg) / 2) * RAD;
  const sine = Math.sin(lat);
  const w = 1 - FLAT * sine * sine;
  const root = Math.sqrt(w);
  const north = ((place.lat_deg - station.lat_deg) * RAD * EQUATOR_M * (1 - FLAT)) / (w * root);
  const east = ((place.lon_deg - station.lon_deg) * RAD * Math.cos(lat) * EQUATOR_M) / root;
  const straight = Math.sqrt(east * east + north * north); // hypot is slow
  if (!station.detours) {
    const metres = straight * reading.factor;
    return [metres / speed, metres];
  }
  const factor = factorAt(station.detours, reading, mode, straight, Math.atan2(north, east));
  if (factor === null) return null;
  const seconds = (straight * factor) / speed;
  return [seconds, seconds * reading.metres_per_s[mode]];
}

function factorAt(text, reading, mode, straight, angle) {
  const { sectors } = reading;
  const { powers, firsts } = tableOf(reading);
  const first = firsts[mode];
  if (text[first] === OUT_OF_REACH) return null;
  const turns = (angle / (2 * Math.PI)) * sectors;
  const turn = ((turns % sectors) + sectors) % sectors;
  const sector = Math.floor(turn);
  const across = turn - sector;
  const bands = reading.bands_m[mode];
  let low = 0;
  while (low < bands.length - 2 && bands[low + 1] <= straight) low += 1;
  const on = Math.min(1, Math.max(0, (straight - bands[low]) / (bands[low + 1] - bands[low])));
  const here = first + low * sectors + sector;
  const beside = first + low * sectors + ((sector + 1) % sectors);
  const at = (place) => powers[text.charCodeAt(place)];
  const near = (1 - across) * at(here) + across * at(beside);
  const far = (1 - across) * at(here + sectors) + across * at(beside + sectors);
  return (1 - on) * near + on * far;
}

// Thousands of stations are asked about one after another: factors by letter, and where the letters
// of each mode begin, are worked out once.
let known = null;
let ofKnown = null;

function tableOf(reading) {
  if (known !== reading) {
    const powers = new Float64Array(128);
    for (let k = 0; k < reading.alphabet.length; k += 1) {
      powers[reading.alphabet.charCodeAt(k)] = (1 + reading.step) ** k;
    }
    const firsts = {};
    let first = 0;
    for (const mode of Object.keys(reading.bands_m)) {
      firsts[mode] = first;
      first += reading.sectors * reading.bands_m[mode].length;
    }
    known = reading;
    ofKnown = { powers, firsts };
  }
  return ofKnown;
}
