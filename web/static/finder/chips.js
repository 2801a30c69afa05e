// The chips of the form: their words, their counts, and the form put to what was chosen.
import { serviceName } from "./words.js";

// The word on a chip, as on the page; what has no chip is called by its full name.
export function namesOfChips(form) {
  const found = new Map();
  for (const chip of form.querySelectorAll(".chip[data-key]"))
    found.set(chip.dataset.key, chip.querySelector(".word").textContent);
  return (key) => found.get(key) || serviceName(key);
}

// How many stations would be listed if the chip were on too.
export function showCounts(form, counts) {
  for (const mark of form.querySelectorAll("[data-count]")) {
    const n = counts[mark.dataset.count];
    mark.hidden = n === undefined;
    mark.textContent = n === undefined ? "" : String(n);
    mark.closest(".chip").classList.toggle("none", n === 0);
  }
}

export function setChoices(form, choices) {
  for (const radio of form.querySelectorAll('input[name="mode"]')) radio.checked = radio.value === choices.mode;
  form.elements.minutes.value = String(choices.minutes);
  for (const [name, isOn] of [
    ["open", () => choices.open_only],
    ["walk_in", () => choices.walk_in],
    ["need", (key) => choices.needs.includes(key)],
    ["programme", (key) => choices.programmes.includes(key)],
  ])
    for (const box of form.querySelectorAll(`input[name="${name}"]`)) box.checked = isOn(box.value);
}

// The rarer needs open from the end of the row; without a script they have a line of their own
// (no-script.css).
export function openMore(button, details) {
  button.setAttribute("aria-expanded", String(details.open));
  button.addEventListener("click", () => {
    details.open = !details.open;
    button.setAttribute("aria-expanded", String(details.open));
  });
}
