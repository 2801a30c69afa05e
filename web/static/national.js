// The map of all stations. The tables of the page say the same; without the map nothing is missing.
import { basemapLayer } from "./basemap.js";
import { stationTiles } from "./finder/tiles.js";

const page = JSON.parse(document.getElementById("page").textContent);
const place = document.getElementById("all-map");
const MOST_NAMED = 20;

function script(address) {
  return load(Object.assign(document.createElement("script"), { src: address }), address);
}

function style(address) {
  return load(Object.assign(document.createElement("link"), { rel: "stylesheet", href: address }), address);
}

function load(element, address) {
  return new Promise((resolve, reject) => {
    element.onload = resolve;
    element.onerror = () => reject(new Error(address));
    document.head.append(element);
  });
}

async function tilesAddress() {
  const response = await fetch(`${page.snapshot}manifest.json`);
  if (!response.ok) return "";
  const { tiles } = await response.json();
  return tiles ? page.snapshot + tiles : "";
}

function popup(stations) {
  const list = document.createElement("div");
  list.className = "popup-stations";
  for (const station of stations.slice(0, MOST_NAMED)) {
    const one = document.createElement("div");
    const said = [
      station.status === "open" ? page.words.entries[station.entry] : page.words.shut,
      station.all_day ? page.words.all_day : "",
      station.is_synthetic ? page.words.invented : "",
    ];
    one.append(line("strong", station.name), line("p", said.filter(Boolean).join(" · ")));
    const link = line("a", page.words.details);
    // An id may hold slashes, and the address keeps them.
    link.href = page.station.replace("STATION", () => station.id.split("/").map(encodeURIComponent).join("/"));
    one.append(link);
    list.append(one);
  }
  return list;
}

function line(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

async function open() {
  const vendor = `${page.static}vendor/`;
  const [tiles] = await Promise.all([
    tilesAddress(),
    style(`${vendor}leaflet-1.9.4/leaflet.css`),
    script(`${vendor}leaflet-1.9.4/leaflet.js`),
    script(`${vendor}protomaps-leaflet-5.1.0/protomaps-leaflet.js`),
  ]);
  if (!tiles) {
    document.getElementById("no-map").textContent = page.words.no_tiles;
    return;
  }
  const L = window.L;
  place.replaceChildren();
  const map = L.map(place, { zoomControl: false, minZoom: 2, maxZoom: 18, fadeAnimation: false });
  L.control.zoom({ zoomInTitle: page.words.zoom_in, zoomOutTitle: page.words.zoom_out }).addTo(map);
  map.attributionControl.setPrefix(false);
  const { approval, attribution } = page.map;
  const credits = line("span", [approval ? page.words.approval.replace("{number}", () => approval) : "", attribution].filter(Boolean).join(" · "));
  // Leaflet puts attributions in as markup, so it gets markup that was made from text.
  map.attributionControl.addAttribution(credits.innerHTML);
  map.fitBounds(page.map.bounds, { padding: [20, 20], maxZoom: 16, animate: false });
  const base = await basemapLayer(L, page, script);
  if (base) base.addTo(map);
  const layer = stationTiles(L, window.protomapsL, tiles, {
    onOpen: (stations, latlng) => L.popup({ maxWidth: 280 }).setLatLng(latlng).setContent(popup(stations)).openOn(map),
  });
  layer.once("load", () => place.setAttribute("data-ready", ""));
  layer.addTo(map);
  place.dispatchEvent(new CustomEvent("map", { detail: { map, layer } }));
}

open().catch(() => {
  place.replaceChildren(Object.assign(line("p", page.words.failed), { className: "no-map" }));
});
