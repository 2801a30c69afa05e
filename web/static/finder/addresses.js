// Addresses: of a station's page, and of this one.
import { queryOf } from "./choices.js";

// An id may hold anything.
export function stationAddress(address, id) {
  return address.replace("STATION", id.split("/").map(encodeURIComponent).join("/"));
}

// This page's address keeps the choices, and a place only when it came in it. The links to the other
// language and the other view lead to the same.
export function keepInAddress(choices, { isPlace }) {
  const old = new URLSearchParams(location.search);
  const kept = { lang: old.get("lang"), view: old.get("view"), place: isPlace ? old.get("place") : null };
  history.replaceState(null, "", `${location.pathname}?${queryOf(choices, kept)}`);
  for (const link of document.querySelectorAll("a[data-keep]")) {
    const own = new URL(link.href).searchParams;
    const mine = { ...kept, lang: own.get("lang") || kept.lang, view: own.get("view") || kept.view };
    link.href = `${location.pathname}?${queryOf(choices, mine)}`;
  }
}
