// A field with suggestions, by the pattern "editable combobox with list autocomplete" of the ARIA
// Authoring Practices: the focus stays in the field, arrows move through the list, Enter takes.
export function combobox(input, list, { find, take, label }) {
  let options = [];
  let active = -1;

  input.removeAttribute("list");
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-expanded", "false"],
    ["aria-controls", list.id],
  ])
    input.setAttribute(name, value);

  input.addEventListener("input", () => refresh());
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // the input method's own keys
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return void refresh();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (!event.altKey) activate((active + step + options.length + (active < 0 && step < 0 ? 1 : 0)) % options.length);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      choose(active);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  input.addEventListener("blur", close);
  // The field must keep the focus while an option is tapped.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[role=option]");
    if (row) choose([...list.children].indexOf(row));
  });

  async function refresh() {
    const text = input.value.trim();
    const found = text ? await find(text) : [];
    if (input.value.trim() !== text || document.activeElement !== input) return; // typed on meanwhile
    options = found;
    active = -1;
    list.replaceChildren(...options.map(row));
    list.hidden = options.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  }

  function row(option, k) {
    const item = document.createElement("li");
    item.id = `${list.id}-${k}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    const name = document.createElement("span");
    name.textContent = option.name;
    const kind = document.createElement("span");
    kind.className = "kind";
    kind.textContent = label(option);
    item.append(name, kind);
    return item;
  }

  function activate(k) {
    active = k;
    for (const [at, item] of [...list.children].entries()) {
      item.setAttribute("aria-selected", String(at === k));
      if (at === k) item.scrollIntoView({ block: "nearest" });
    }
    input.setAttribute("aria-activedescendant", `${list.id}-${k}`);
  }

  function choose(k) {
    const option = options[k];
    input.value = option.name;
    close();
    take(option);
  }

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  return { close };
}
