// Map files read in blocks, so that what is asked for tells no more than the coarse cell.
//
// A tile of the last zoom is about 2 km across: finer than the cell that a phone admits to be in. So a
// file is read in aligned blocks, each of which holds the tiles of a wide area, and before the map
// moves to where somebody is, the blocks around the whole cell are read. Then the requests are the
// same wherever in the cell they are; only a hand that drags the map asks for more.
const BLOCK = 256 * 1024;
const EARTH_M = 6_371_008.8;

// How far around the centre of the cell (about 3.7 km to a corner) tiles of a zoom are read: the
// wider, the more a screen shows of it.
const AROUND_M = [
  { zoom: 14, m: 7_000 },
  { zoom: 13, m: 9_000 },
  { zoom: 12, m: 14_000 },
  { zoom: 11, m: 14_000 },
  { zoom: 10, m: 14_000 },
];

// P: protomaps-leaflet, whose reader of PMTiles this uses.
export function archiveOf(P, url, { fetch = (...asked) => globalThis.fetch(...asked) } = {}) {
  const archive = new P.PmtilesSource(url, false).p;
  archive.source = blocksOf(url, fetch);
  return archive;
}

// Source of a PMTiles reader: { getKey, getBytes }.
export function blocksOf(url, fetch) {
  const known = new Map();

  async function load(k) {
    const range = `bytes=${k * BLOCK}-${(k + 1) * BLOCK - 1}`;
    const answer = await fetch(url, { headers: { range }, credentials: "omit" });
    const body = await answer.arrayBuffer();
    if (answer.status === 206) return { body, etag: answer.headers.get("etag") };
    // A server that gives the whole file gives this block too.
    if (answer.status === 200) return { body: body.slice(k * BLOCK, (k + 1) * BLOCK), etag: answer.headers.get("etag") };
    throw new Error(`${url}: ${answer.status}`);
  }

  function block(k) {
    if (!known.has(k)) {
      const loading = load(k);
      known.set(k, loading);
      loading.catch(() => known.delete(k));
    }
    return known.get(k);
  }

  return {
    getKey: () => url,
    async getBytes(offset, length) {
      const first = Math.floor(offset / BLOCK);
      const last = Math.floor((offset + length - 1) / BLOCK);
      const parts = await Promise.all(Array.from({ length: last - first + 1 }, (_, i) => block(first + i)));
      const whole = new Uint8Array(parts.reduce((n, { body }) => n + body.byteLength, 0));
      let at = 0;
      for (const { body } of parts) {
        whole.set(new Uint8Array(body), at);
        at += body.byteLength;
      }
      const from = offset - first * BLOCK;
      return { data: whole.slice(from, from + length).buffer, etag: parts[0].etag || undefined };
    },
  };
}

// Read what any screen may show first to somebody in the cell with this centre.
export async function readAround(archive, { lon_deg, lat_deg }) {
  const { minZoom, maxZoom } = await archive.getHeader();
  const wanted = AROUND_M.filter(({ zoom }) => zoom >= minZoom && zoom <= maxZoom);
  const tiles = wanted.flatMap(({ zoom, m }) => tilesAround({ lon_deg, lat_deg }, m, zoom));
  await Promise.all(tiles.map(({ z, x, y }) => archive.getZxy(z, x, y)));
}

// Tiles of a zoom (Web Mercator, XYZ) that touch the square of m metres to each side of a place.
export function tilesAround({ lon_deg, lat_deg }, m, zoom) {
  const lat = (m / EARTH_M) * (180 / Math.PI);
  const lon = lat / Math.cos((lat_deg * Math.PI) / 180);
  const n = 2 ** zoom;
  const column = (degrees) => Math.floor(((degrees + 180) / 360) * n);
  const row = (degrees) => {
    const sine = Math.sin((degrees * Math.PI) / 180);
    return Math.floor((0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * n);
  };
  const tiles = [];
  for (let x = column(lon_deg - lon); x <= column(lon_deg + lon); x++) {
    for (let y = row(lat_deg + lat); y <= row(lat_deg - lat); y++) tiles.push({ z: zoom, x, y });
  }
  return tiles;
}
