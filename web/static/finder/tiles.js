// All stations on a map, however many: vector tiles with counts by zoom (see geodata/tiles.py).
// Counts are circles with numbers; a tap goes nearer. Single stations are pins whose shape says how
// to get in; a tap calls onOpen with every station under it, nearest first. Each tile is drawn once
// and then only moved, so panning costs nothing. The page must say the same in a list.
import { archiveOf } from "./blocks.js";

const SIDE = 512; // pixels of a tile on the screen
const EXTENT = 4096; // units of a tile in the file
const CELL = 64; // pixels between counts: 8 cells along a tile
const MARGIN = 14; // pins at the border of a tile are drawn whole
const PIN = 9;
const FINGER = 12; // a tap this far beside a mark still means it
const BUDGET_MS = 6; // of drawing in one frame
const LAYER = "stations";
const FONT = 'system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif';

export const PINS = {
  walk_in: { color: "#0d6639", shape: "circle" },
  asks: { color: "#0b4f8a", shape: "square" },
  unknown: { color: "#754a00", shape: "diamond" },
  shut: { color: "#4a5563", shape: "cross" },
};

export function pinOf(station) {
  if (station.status !== "open") return "shut";
  if (station.entry === "walk_in" || station.entry === "unknown") return station.entry;
  return "asks";
}

// How large the circle of a count is, in pixels; it never leaves its cell.
export function radiusOf(n) {
  return Math.min(CELL / 2 - 2, 11 + 3.2 * Math.log10(n));
}

// Which part of which tile of the file a tile on the screen shows. Beyond the file's last zoom it is a
// part of the last tile: { tile, scale, x, y } with the part's corner in pixels.
export function sourceOf(coords, lastZoom) {
  const zoom = coords.z - 1;
  const deeper = Math.max(0, zoom - lastZoom);
  const scale = 2 ** deeper;
  const tile = { z: zoom - deeper, x: Math.floor(coords.x / scale), y: Math.floor(coords.y / scale) };
  return { tile, scale, x: (coords.x - tile.x * scale) * SIDE, y: (coords.y - tile.y * scale) * SIDE };
}

// The marks of one tile on the screen, in its pixels: where they are drawn, and where they are.
export function marksOf(features, source) {
  const unit = (SIDE * source.scale) / EXTENT;
  const marks = [];
  for (const feature of features) {
    const point = feature.geom[0][0];
    const x = point.x * unit - source.x;
    const y = point.y * unit - source.y;
    const facts = feature.props;
    if (facts.id === undefined) {
      const r = radiusOf(facts.n);
      marks.push({ x: within(x, r), y: within(y, r), r, facts, mean: [x, y] });
    } else if (x > -MARGIN && y > -MARGIN && x < SIDE + MARGIN && y < SIDE + MARGIN) {
      marks.push({ x, y, r: PIN, facts, mean: [x, y] });
    }
  }
  return marks;
}

// Circles stay inside their cells, so they neither overlap nor cross the border of a tile.
function within(place, r) {
  const start = Math.floor(place / CELL) * CELL;
  return Math.min(Math.max(place, start + r), start + CELL - r);
}

export function paintPin(context, kind, x, y, r, isAllDay) {
  const { color, shape } = PINS[kind];
  context.beginPath();
  if (shape === "circle") context.arc(x, y, r, 0, 2 * Math.PI);
  else if (shape === "square") context.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76);
  else if (shape === "diamond") {
    context.moveTo(x, y - r * 1.15);
    context.lineTo(x + r * 1.15, y);
    context.lineTo(x, y + r * 1.15);
    context.lineTo(x - r * 1.15, y);
    context.closePath();
  } else context.arc(x, y, r * 0.9, 0, 2 * Math.PI);
  context.fillStyle = shape === "cross" ? "#fff" : color;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = shape === "cross" ? color : "#fff";
  context.stroke();
  if (shape === "cross") {
    context.beginPath();
    for (const turn of [1, -1]) {
      context.moveTo(x - r * 0.42, y - turn * r * 0.42);
      context.lineTo(x + r * 0.42, y + turn * r * 0.42);
    }
    context.stroke();
  } else if (isAllDay) {
    write(context, "24", x, y, Math.round(r * 1.05), "#fff");
  }
}

function write(context, text, x, y, size, color) {
  context.font = `700 ${size}px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = color;
  context.fillText(text, x, y + 0.5);
}

function paint(context, mark) {
  const { facts } = mark;
  if (facts.id !== undefined) {
    paintPin(context, pinOf(facts), mark.x, mark.y, mark.r, facts.all_day);
    return;
  }
  context.beginPath();
  context.arc(mark.x, mark.y, mark.r, 0, 2 * Math.PI);
  context.fillStyle = "#1b2430";
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = "#fff";
  context.stroke();
  write(context, String(facts.n), mark.x, mark.y, facts.n < 1000 ? 13 : 12, "#fff");
}

// L: Leaflet; P: protomaps-leaflet, whose reader of PMTiles this uses; url: of the file.
export function stationTiles(L, P, url, { onOpen = () => {} } = {}) {
  const archive = archiveOf(P, url);
  const file = new P.PmtilesSource(archive, false);
  const cache = new P.TileCache(file, EXTENT);
  let header = null; // read when the first tile is wanted
  let lastZoom = 0;
  async function read(coords) {
    header = header || file.p.getHeader();
    lastZoom = (await header).maxZoom;
    const source = sourceOf(coords, lastZoom);
    return { source, layers: await cache.get(source.tile) };
  }
  const waiting = [];
  let isAsked = false;

  // Drawing waits its turn, a few milliseconds in each frame, so that no frame is late for it.
  function work() {
    isAsked = false;
    const end = performance.now() + BUDGET_MS;
    while (waiting.length && performance.now() < end) waiting.shift()();
    ask();
  }
  function ask() {
    if (isAsked || !waiting.length) return;
    isAsked = true;
    requestAnimationFrame(work);
  }

  const Stations = L.GridLayer.extend({
    createTile(coords, done) {
      const element = document.createElement("div");
      read(coords)
        .then(({ source, layers }) => {
          waiting.push(() => {
            if (element.parentNode) this.fill(element, marksOf(layers.get(LAYER) || [], source));
            done(null, element);
          });
          ask();
        })
        .catch((error) => done(error, element));
      return element;
    },
    fill(element, marks) {
      element.marks = marks;
      if (!marks.length) return;
      const canvas = document.createElement("canvas");
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      const side = SIDE + 2 * MARGIN;
      canvas.width = canvas.height = side * ratio;
      canvas.style.cssText = `position:absolute;left:${-MARGIN}px;top:${-MARGIN}px;width:${side}px;height:${side}px`;
      const context = canvas.getContext("2d");
      context.scale(ratio, ratio);
      context.translate(MARGIN, MARGIN);
      for (const mark of marks) paint(context, mark);
      element.append(canvas);
    },
    onAdd(map) {
      L.GridLayer.prototype.onAdd.call(this, map);
      map.on("click", this.tapped, this);
      map.on("mousemove", this.hovered, this);
    },
    onRemove(map) {
      map.off("click", this.tapped, this);
      map.off("mousemove", this.hovered, this);
      L.GridLayer.prototype.onRemove.call(this, map);
    },
    // The marks at a place, nearest first, each with the place it stands for.
    at(latlng) {
      const zoom = this._tileZoom;
      const map = this._map;
      if (zoom === undefined || !map) return [];
      const here = map.project(latlng, zoom);
      const found = [];
      for (const { el, coords } of Object.values(this._tiles)) {
        if (coords.z !== zoom || !el.marks) continue;
        const corner = coords.scaleBy(this.getTileSize());
        for (const mark of el.marks) {
          const away = Math.max(0, corner.add([mark.x, mark.y]).distanceTo(here) - mark.r);
          if (away > FINGER) continue;
          found.push({ facts: mark.facts, away, latlng: map.unproject(corner.add(mark.mean), zoom) });
        }
      }
      return found.sort((a, b) => a.away - b.away);
    },
    tapped(event) {
      const marks = this.at(event.latlng);
      if (!marks.length) return;
      const { facts: first, latlng: place } = marks[0];
      if (first.id === undefined) {
        // One station alone is seen by itself as soon as the file has it by itself.
        const zoom = first.n === 1 ? lastZoom + 1 : this._map.getZoom() + 2;
        this._map.setView(place, Math.min(zoom, this._map.getMaxZoom()));
        return;
      }
      const seen = new Map(); // a pin on a border is in two tiles
      for (const { facts, latlng } of marks) {
        if (facts.id !== undefined && !seen.has(facts.id)) {
          seen.set(facts.id, { ...facts, lon_deg: latlng.lng, lat_deg: latlng.lat });
        }
      }
      onOpen([...seen.values()], place);
    },
    hovered(event) {
      const isOver = this.at(event.latlng).length > 0;
      this._map.getContainer().style.cursor = isOver ? "pointer" : "";
    },
  });
  return new Stations({ archive, tileSize: SIDE, minZoom: 1, noWrap: true, keepBuffer: 1, updateWhenIdle: false, updateWhenZooming: false });
}
