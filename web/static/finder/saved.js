// The list of a worker's own stations: name, way there, telephone, page. It lies on this phone only.
import * as favourites from "./favourites.js";
import { goingThere } from "./links.js";
import { say } from "./words.js";

const FILE = "yizhan-favourites.json";

// Fill the short list of the first screen; without favourites it stays away.
export function fillFavourites(section) {
  const kept = favourites.list();
  section.hidden = kept.length === 0;
  if (!kept.length) return section.replaceChildren();
  const title = element("h2", say("My stations"));
  const list = element("ul");
  list.className = "places";
  for (const one of kept.slice(0, 6)) {
    const item = element("li");
    item.append(link(one.name, pageOf(one), "chip-link"));
    list.append(item);
  }
  const all = link(say("All my stations, and the file of them"), "/favourites", "");
  section.replaceChildren(title, list, all);
}

// Fill the page of its own.
export function fillSaved(list, empty) {
  const kept = favourites.list();
  empty.hidden = kept.length > 0;
  list.replaceChildren(...kept.map((one) => entry(one, () => fillSaved(list, empty))));
}

function entry(one, redraw) {
  const item = element("li");
  item.className = "hit";
  const name = element("h2");
  name.append(link(one.name, pageOf(one), ""));
  item.append(name);
  if (one.is_synthetic) {
    const mark = element("p");
    const text = element("span", say("Sample data"));
    text.className = "invented";
    mark.append(text);
    item.append(mark);
  }
  if (one.address) item.append(element("p", one.address));
  const acts = element("div");
  acts.className = "acts";
  const system = goingThere(one).find((way) => way.app === "system");
  const amap = goingThere(one).find((way) => way.app === "amap");
  acts.append(link(say("Go there (Amap)"), amap.href, "button"), link(say("Go there (phone's map)"), system.href, "button"));
  if (one.phone) acts.append(link(say("Call {phone}", { phone: one.phone }), `tel:${one.phone.replace(/[^\d+*#]/g, "")}`, "button call"));
  const drop = element("button", say("Remove"));
  drop.type = "button";
  drop.className = "button small-button";
  drop.setAttribute("aria-label", say("Remove: {name}", { name: one.name }));
  drop.addEventListener("click", () => {
    favourites.remove(one.id);
    document.dispatchEvent(new CustomEvent("yizhan:favourites", { detail: one.id }));
    redraw();
  });
  acts.append(drop);
  item.append(acts);
  return item;
}

// A file that another phone takes in.
export function saveFile() {
  const address = URL.createObjectURL(new Blob([favourites.exported()], { type: "application/json" }));
  const anchor = element("a");
  anchor.href = address;
  anchor.download = FILE;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

// Give what to say about a file that was taken in.
export async function takeFile(file) {
  const n = file.size < 500000 ? favourites.imported(await file.text()) : null;
  return n === null ? say("This is no file of favourites.") : say("New stations: {n}", { n });
}

function pageOf(one) {
  return `/stations/${one.id.split("/").map(encodeURIComponent).join("/")}`;
}

function link(text, href, className) {
  const made = element("a", text);
  made.href = href;
  if (className) made.className = className;
  return made;
}

function element(tag, text = "") {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  return made;
}
