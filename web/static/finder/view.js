// 关怀版: large type, kept on the phone in a cookie of one word. The link works without this script,
// by asking the server; with it the page stays as it is, with its answer.
const YEAR_S = 365 * 24 * 3600;
const link = document.getElementById("view");

export const viewNow = () => (document.documentElement.classList.contains("large") ? "large" : "normal");

function kept() {
  const found = /(?:^|; )view=(large|normal)/.exec(document.cookie);
  return found && found[1];
}

function show(view) {
  document.documentElement.classList.toggle("large", view === "large");
  const other = view === "large" ? "normal" : "large";
  link.dataset.view = other;
  link.textContent = link.dataset[other];
  const address = new URL(link.href);
  address.searchParams.set("view", other);
  link.href = address.pathname + address.search;
  // The large view begins with few buttons; the others are one tap away.
  const needs = document.getElementById("needs");
  if (needs) needs.open = view !== "large" || needs.querySelector('input:checked:not([name="open"])') !== null;
  document.dispatchEvent(new CustomEvent("yizhan:view", { detail: view }));
}

if (link) {
  const asked = new URLSearchParams(location.search).get("view");
  // A page out of a cache may be in the other view than the phone's.
  if (!asked && kept() && kept() !== viewNow()) show(kept());
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const view = link.dataset.view;
    document.cookie = `view=${view}; path=/; max-age=${YEAR_S}; samesite=lax`;
    show(view);
    const here = new URL(location.href);
    if (here.searchParams.has("view")) {
      here.searchParams.set("view", view);
      history.replaceState(null, "", here);
    }
  });
}
