// The map, loaded after the list. It shows what the list says; nothing is on the map alone.
import { basemapLayer } from "./basemap.js";
import { readAround } from "./finder/blocks.js";
import { stationAddress } from "./finder/addresses.js";

const VENDOR = "vendor/leaflet-1.9.4/";
const TILES = "vendor/protomaps-leaflet-5.1.0/protomaps-leaflet.js";

export async function openMap(element, page, { onPick = null, onOpen = null } = {}) {
  await Promise.all([style(page.static + VENDOR + "leaflet.css"), script(page.static + VENDOR + "leaflet.js")]);
  const L = window.L;
  const words = page.words;
  const map = L.map(element, { zoomControl: false, maxZoom: 18, keyboard: true });
  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  map.attributionControl.setPrefix(false);
  const credits = document.createElement("span");
  credits.textContent = [
    page.map.approval ? words.approval.replace("{number}", page.map.approval) : "",
    page.map.attribution,
  ].filter(Boolean).join(" · ");
  // Leaflet puts attributions in as markup, so it gets markup that was made from text.
  map.attributionControl.addAttribution(credits.innerHTML);
  map.fitBounds(page.map.bounds, { padding: [20, 20], animate: false });
  const base = await basemapLayer(L, page, script);
  if (base) base.addTo(map);
  const pins = L.layerGroup().addTo(map);
  let all = null;
  if (onPick)
    map.on("click", (event) => {
      if (!all || all.at(event.latlng).length === 0) offer(L, map, event.latlng, words, onPick);
    });

  return {
    // Read the map around a coarse cell, so that moving to a place in it asks for nothing more.
    async around(cell) {
      const archives = [base && base.archive, all && all.options.archive].filter(Boolean);
      await Promise.all(archives.map((archive) => readAround(archive, cell)));
    },
    // All stations of the city under the pins of the answer, with counts where they are many.
    async everything(url, address) {
      if (!window.protomapsL) await script(page.static + TILES);
      const { stationTiles } = await import("./finder/tiles.js");
      all = stationTiles(L, window.protomapsL, url, {
        onOpen: (stations, place) => L.popup().setLatLng(place).setContent(names(stations, address)).openOn(map),
      });
      all.addTo(map);
    },
    show(origin, stations, uncertain) {
      pins.clearLayers();
      const all = [...stations.map((hit, k) => [hit, `${k + 1} `]), ...uncertain.map((hit) => [hit, ""])];
      const shown = [];
      for (const [k, [hit, number]] of all.entries()) {
        stationPin(L, hit, number, words, onOpen, (all.length - k) * 1000).addTo(pins);
        shown.push([hit.lat_deg, hit.lon_deg]);
      }
      if (origin) {
        L.marker([origin.lat_deg, origin.lon_deg], {
          icon: L.divIcon({ html: badge("origin", ""), className: "pin", iconSize: [0, 0] }),
          alt: words.you,
          title: words.you,
          keyboard: false,
          zIndexOffset: -1000,
        }).addTo(pins);
        shown.push([origin.lat_deg, origin.lon_deg]);
      }
      if (shown.length) map.fitBounds(shown, { padding: [48, 48], maxZoom: 16, animate: false });
    },
  };
}

function stationPin(L, hit, number, words, onOpen, zIndexOffset) {
  const pin = L.marker([hit.lat_deg, hit.lon_deg], {
    icon: L.divIcon({ html: badge(hit.state, number + hit.text.state_word), className: "pin", iconSize: [0, 0], popupAnchor: [0, -28] }),
    zIndexOffset,
    alt: `${hit.name}: ${hit.text.state}`,
  });
  const box = document.createElement("div");
  const name = document.createElement("strong");
  name.textContent = hit.name;
  const state = document.createElement("p");
  state.textContent = hit.text.state;
  box.append(name, state);
  const row = [...document.querySelectorAll(".hit")].find((one) => one.dataset.id === hit.id);
  if (row) {
    const link = document.createElement("a");
    link.className = "button";
    link.href = row.querySelector("h3 a").href;
    link.textContent = words.details;
    box.append(link);
  }
  pin.bindPopup(box);
  if (onOpen) pin.on("popupopen", () => onOpen(hit.id));
  return pin;
}

function offer(L, map, point, words, onPick) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = words.from_here;
  const popup = L.popup().setLatLng(point).setContent(button).openOn(map);
  button.addEventListener("click", () => {
    map.closePopup(popup);
    onPick(point.lng, point.lat);
  });
  button.focus();
}

function names(stations, address) {
  const list = document.createElement("ul");
  list.className = "found";
  for (const { id, name } of stations.slice(0, 8)) {
    const link = document.createElement("a");
    link.href = stationAddress(address, id);
    link.textContent = name;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  return list;
}

function badge(kind, text) {
  const span = document.createElement("span");
  span.className = kind;
  span.textContent = text;
  return span;
}

export function script(address) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = address;
    element.onload = resolve;
    element.onerror = () => reject(new Error(address));
    document.head.append(element);
  });
}

function style(address) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("link");
    element.rel = "stylesheet";
    element.href = address;
    element.onload = resolve;
    element.onerror = () => reject(new Error(address));
    document.head.append(element);
  });
}
