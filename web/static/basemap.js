// What lies under the pins: the city's own vector tiles, drawn here, or a tile service.
// Attributes of the tiles, see geodata/basemap.py: kind and name.
import { archiveOf } from "./finder/blocks.js";

const LAYER = "basemap";

export async function basemapLayer(L, page, script) {
  const { tiles, tiandituKey, basemap } = page.map;
  if (tiles === "osm") {
    return L.tileLayer("https://tile.openstreetmap.org/{z}/{x}/{y}.png", {
      maxZoom: 19,
      attribution: "© OpenStreetMap",
    });
  }
  if (tiles === "tianditu") {
    const service = (name) =>
      L.tileLayer(
        `https://t{s}.tianditu.gov.cn/${name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=${name}` +
          `&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILECOL={x}&TILEROW={y}&TILEMATRIX={z}&tk=${encodeURIComponent(tiandituKey)}`,
        { subdomains: "01234567", maxZoom: 18, attribution: "天地图" },
      );
    return L.layerGroup([service("vec"), service("cva")]);
  }
  if (!basemap) return null;
  await script(`${page.static}vendor/protomaps-leaflet-5.1.0/protomaps-leaflet.js`);
  const P = window.protomapsL;
  const archive = archiveOf(P, basemap);
  const layer = P.leafletLayer({
    url: archive,
    paintRules: paintRules(P),
    labelRules: labelRules(P),
    backgroundColor: "#f3f2ed",
    maxDataZoom: 14,
    attribution: "",
  });
  layer.archive = archive;
  return layer;
}

const is = (...kinds) => (zoom, feature) => kinds.includes(feature.props.kind);
const isNamed = (...kinds) => (zoom, feature) => kinds.includes(feature.props.kind) && Boolean(feature.props.name);
const FONT = 'system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';

function paintRules(P) {
  const line = (kinds, color, stops, more = {}) => ({
    dataLayer: LAYER,
    filter: is(...kinds),
    symbolizer: new P.LineSymbolizer({ color, width: P.exp(1.4, stops), lineCap: "round", lineJoin: "round", ...more }),
  });
  const road = (kinds, edge, fill, stops) => [
    line(kinds, edge, stops.map(([zoom, width]) => [zoom, width + 1.4])),
    line(kinds, fill, stops),
  ];
  return [
    line(["river", "water"], "#b3cfe2", [[9, 1], [13, 4], [18, 30]]),
    line(["border"], "#b9a9b4", [[9, 0.8], [16, 1.6]], { dash: [6, 4], dashColor: "#b9a9b4", dashWidth: P.exp(1, [[9, 0.8], [16, 1.6]]) }),
    line(["footway"], "#d6cfc1", [[14, 0.7], [18, 2.5]]),
    ...road(["service"], "#e2ded5", "#ffffff", [[14, 0.6], [18, 6]]),
    ...road(["residential"], "#dcd7cc", "#ffffff", [[13, 0.6], [15, 2.4], [18, 12]]),
    line(["railway"], "#b5b0a8", [[10, 0.8], [18, 2.5]]),
    ...road(["tertiary"], "#d3ccbe", "#ffffff", [[12, 0.9], [15, 4], [18, 15]]),
    ...road(["secondary"], "#cdc3ad", "#fdf8ea", [[11, 0.9], [15, 5], [18, 17]]),
    ...road(["primary"], "#c9b88f", "#fbeecb", [[10, 0.9], [15, 6], [18, 20]]),
    ...road(["trunk", "motorway"], "#c6a874", "#f8dfa6", [[9, 0.9], [15, 6.5], [18, 22]]),
  ];
}

function labelRules(P) {
  const along = (kinds, fill, minzoom) => ({
    dataLayer: LAYER,
    minzoom,
    filter: isNamed(...kinds),
    symbolizer: new P.LineLabelSymbolizer({ labelProps: ["name"], fill, stroke: "#f6f5f1", width: 3, fontFamily: FONT, fontSize: 12, fontWeight: 500, repeatDistance: 300 }),
  });
  return [
    {
      dataLayer: LAYER,
      filter: isNamed("place"),
      symbolizer: new P.CenteredTextSymbolizer({ labelProps: ["name"], fill: "#5b4a56", stroke: "#f6f5f1", width: 3, fontFamily: FONT, fontSize: 14, fontWeight: 600 }),
    },
    along(["river", "water"], "#336a8c", 12),
    along(["motorway", "trunk", "primary"], "#4d4a43", 13),
    along(["secondary", "tertiary"], "#4d4a43", 14),
    along(["residential"], "#5a574f", 16),
  ];
}
