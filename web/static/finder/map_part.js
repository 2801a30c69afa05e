// The map of the first screen. It comes last: it shows what the list says, and nothing is on it
// alone. On a phone it waits for the list, or for a reader who scrolls to it.
import { shortState, stateText } from "./state.js";

const byId = (id) => document.getElementById(id);

// `tilesNow` gives the path of the tiles of all stations, or null; `onPick` takes a tapped place.
// `cellOf` gives the coarse cell of a place.
export function mapPart(page, { tilesNow, cellOf, onPick }) {
  let map = null;
  let drawn = null; // what was asked to be drawn last
  let isWatched = false;

  function offer() {
    byId("map-part").hidden = false;
    if (matchMedia("(min-width: 60rem)").matches) return watch();
    addEventListener("scroll", watch, { once: true });
    document.addEventListener("yizhan:answer", watch, { once: true });
  }

  function watch() {
    if (isWatched) return;
    isWatched = true;
    new IntersectionObserver(async (entries, watcher) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      await open().catch(() => {
        byId("map").textContent = page.words.map_failed;
      });
    }).observe(byId("map-part"));
  }

  async function open() {
    const { openMap } = await import("../map.js");
    const opened = await openMap(byId("map"), page, { onPick, onOpen: light });
    const tiles = tilesNow();
    if (tiles) {
      const isShown = () => (byId("legend").hidden = false);
      await opened.everything(page.snapshot + tiles, page.station).then(isShown, () => {});
    }
    map = opened;
    if (drawn) await draw(drawn);
  }

  // Pins in the order of the list: those passed over stand last there too.
  async function draw(asked) {
    drawn = asked;
    if (!map) return;
    await map.around(cellOf(asked.origin)).catch(() => {}); // without a network the pins still stand
    if (drawn !== asked) return;
    const { origin, answer, passed } = asked;
    const pin = (hit) => ({ ...hit, text: { state_word: shortState(hit), state: stateText(hit, answer.minute) } });
    const listed = answer.stations.filter((hit) => !passed.has(hit.id));
    const last = answer.stations.filter((hit) => passed.has(hit.id));
    map.show(origin, listed.map(pin), [...answer.uncertain, ...last].map(pin));
  }

  return { offer, draw };
}

function light(id) {
  for (const row of document.querySelectorAll(".hit")) row.classList.toggle("lit", row.dataset.id === id);
}
