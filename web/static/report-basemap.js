// The basemap under the planner's maps, which are documents of their own.
import { basemapLayer } from "./basemap.js";
import { script } from "./map.js";

export async function addBasemap(map) {
  const page = { map: await (await fetch("/map.json")).json(), static: "/static/" };
  const base = await basemapLayer(window.L, page, script);
  if (base) base.addTo(map);
}
