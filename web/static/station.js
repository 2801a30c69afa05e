// The station's place on the map; the page is whole without it.
const page = JSON.parse(document.getElementById("page").textContent);
const part = document.getElementById("map-part");
part.hidden = false;
new IntersectionObserver(async (entries, watcher) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  watcher.disconnect();
  try {
    const { openMap } = await import("./map.js");
    const map = await openMap(document.getElementById("map"), page);
    map.show(null, [], [page.station]);
  } catch {
    document.getElementById("map").textContent = page.words.map_failed;
  }
}).observe(part);
