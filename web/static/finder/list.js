// The answer as lists: the best first, uncertain ones and those passed over under headings of their
// own, closed ones counted. Rows that stay are filled anew in place, so that nothing jumps.
import { split, widenings } from "./choices.js";
import { fillCard } from "./card.js";
import { say } from "./words.js";

const byId = (id) => document.getElementById(id);

// `context`: what fillCard takes, and choices, passed, limit, onAnother, onMore, onWiden, giving.
export function showAnswer(answer, context) {
  const { choices, passed } = context;
  const parts = split(answer.stations, passed);
  const isEmpty = answer.stations.length === 0;
  byId("choose").hidden = true;
  byId("finder").classList.add("answered");
  rows("hits", parts.listed, context);
  rows("skipped-list", parts.passed, context);
  byId("skipped").hidden = parts.passed.length === 0;
  rows("uncertain-list", answer.uncertain, context);
  byId("uncertain").hidden = answer.uncertain.length === 0;
  const next = isEmpty && answer.opens_next ? [answer.opens_next] : [];
  rows("next-list", next, context);
  byId("next").hidden = next.length === 0;
  another(parts.listed.length, context.onAnother);
  more(answer, context);
  byId("nothing").hidden = !isEmpty;
  byId("reason").textContent = isEmpty ? reasonText(answer, context) : "";
  byId("widen").replaceChildren(...(isEmpty ? widenings(answer, choices).map((way) => wayOut(way, context)) : []));
  const hasClosed = choices.open_only && answer.n_closed > 0 && !isEmpty;
  byId("closed").hidden = !hasClosed;
  byId("left-out").textContent = hasClosed ? say("Closed when you arrive, not listed: {n}", { n: answer.n_closed }) : "";
  byId("status").textContent = countText(answer, choices);
}

export function countText(answer, choices) {
  const values = { n: answer.n, minutes: choices.minutes };
  if (choices.mode === "ebike") return say("Stations found: {n}, within {minutes} min by e-bike", values);
  return say("Stations found: {n}, within {minutes} min on foot", values);
}

function rows(id, hits, context) {
  const list = byId(id);
  const old = new Map([...list.children].map((row) => [row.dataset.id, row]));
  const made = hits.map((hit) => {
    const row = old.get(hit.id) || byId("hit").content.firstElementChild.cloneNode(true);
    fillCard(row, hit, context);
    giving(row, hit, context.giving);
    return row;
  });
  const isSame = made.length === list.children.length && made.every((row, k) => row === list.children[k]);
  if (!isSame) list.replaceChildren(...made);
}

// What can be done beside going there lies behind one button, but on the best station open.
function giving(row, hit, fill) {
  const slot = row.querySelector('[data-slot="giving"]');
  const button = row.querySelector('[data-fill="more"]');
  button.hidden = !fill;
  if (!fill) return;
  row.openGiving = (isOpen) => {
    if (isOpen && !slot.firstChild) fill(slot, hit);
    slot.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
  };
  button.onclick = () => row.openGiving(slot.hidden);
}

// 关怀版 shows few buttons.
const isLarge = () => document.documentElement.classList.contains("large");

// 换一家 stands on the best station alone, and only while there is another one.
function another(n, act) {
  for (const row of document.querySelectorAll(".hits .hit")) {
    const isBest = row.parentElement.id === "hits" && row === row.parentElement.firstElementChild;
    const button = row.querySelector('[data-fill="another"]');
    button.hidden = !isBest || n < 2;
    button.onclick = isBest ? act : null;
    if (!row.openGiving) continue;
    const hasSlot = row.querySelector('[data-slot="giving"]').firstChild !== null;
    const isOpen = isBest && !isLarge();
    if (isOpen && !(hasSlot && row.classList.contains("best"))) row.openGiving(true);
    if (!isBest && row.classList.contains("best")) row.openGiving(false);
    row.querySelector('[data-fill="more"]').hidden = isOpen;
    row.classList.toggle("best", isBest);
  }
  const best = document.querySelector("#hits .hit");
  if (best) best.classList.add("best");
}

function more(answer, { limit, onMore }) {
  const rest = answer.n - limit;
  const button = byId("show-more");
  button.hidden = rest <= 0;
  button.textContent = rest > 0 ? say("Show {n} more", { n: rest }) : "";
  button.onclick = onMore;
}

function wayOut(way, { nameOf, onWiden }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.dataset.widen = way.act;
  button.textContent = wayText(way, nameOf);
  button.addEventListener("click", () => onWiden(way));
  return button;
}

function wayText({ act, key, minutes }, nameOf) {
  if (act === "drop") return say("Without “{name}”", { name: nameOf(key) });
  if (act === "closed") return say("Also closed ones");
  if (act === "minutes") return say("Up to {minutes} minutes", { minutes });
  if (act === "ebike") return say("By e-bike");
  return say("Whatever they offer");
}

// Names the chip that emptied the answer, and what is there without it.
export function reasonText(answer, { choices, nameOf }) {
  const { minutes } = choices;
  const by = answer.emptied_by;
  if (answer.reason === "off_network")
    return say("This place is too far from any street of the city. Choose another place.");
  if (answer.reason === "nothing_in_reach" || !by || by.chip === "minutes")
    return say("There is no station within {minutes} minutes. Allow more time.", { minutes });
  if (by.chip === "open_only")
    return say("All {n} stations within {minutes} minutes that fit are closed or uncertain when you arrive.", { n: by.n, minutes });
  if (by.chip === "all")
    return say("No station within {minutes} minutes has all you ask for. Take chips off or allow more time.", { minutes });
  return say("“{name}” empties the list: without it there are {n} stations within {minutes} minutes.", { name: nameOf(by.chip), n: by.n, minutes });
}
