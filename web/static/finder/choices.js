// What a worker has chosen, as a question, as an address, and how to widen it. Pure.
const LONGEST_MIN = 30;

// Pairs as of FormData: mode, minutes, open, walk_in, need, programme.
export function readChoices(pairs) {
  const found = { mode: "walk", minutes: 15, open_only: false, walk_in: false, needs: [], programmes: [] };
  for (const [name, value] of pairs) {
    if (name === "mode") found.mode = value;
    else if (name === "minutes") found.minutes = Number(value);
    else if (name === "open") found.open_only = true;
    else if (name === "walk_in") found.walk_in = true;
    else if (name === "need") found.needs.push(value);
    else if (name === "programme") found.programmes.push(value);
  }
  return found;
}

export function questionOf(choices, place, { minute, limit, weather = null }) {
  const { lon_deg, lat_deg } = place;
  return { lon_deg, lat_deg, minute, limit, weather, ...choices };
}

// What the address keeps, so that it can be sent to a colleague: choices, and never a position.
export function queryOf(choices, kept = {}) {
  const query = new URLSearchParams(Object.entries(kept).filter(([, value]) => value));
  query.set("mode", choices.mode);
  query.set("minutes", String(choices.minutes));
  query.set("open", choices.open_only ? "1" : "0");
  if (choices.walk_in) query.set("walk_in", "1");
  for (const key of choices.needs) query.append("need", key);
  for (const key of choices.programmes) query.append("programme", key);
  return query.toString();
}

// Keys of the chips that are on, in the order of the form.
export function wanted(choices) {
  return [...choices.needs, ...choices.programmes, ...(choices.walk_in ? ["walk_in"] : [])];
}

// Ways out of an empty answer, the smallest change first: { act, key?, minutes? }.
export function widenings(answer, choices) {
  const found = [];
  const chip = answer.emptied_by ? answer.emptied_by.chip : null;
  const isOn = (key) => wanted(choices).includes(key);
  if (chip && isOn(chip)) found.push({ act: "drop", key: chip });
  if (choices.open_only && answer.n_closed > 0) found.push({ act: "closed" });
  if (choices.minutes < LONGEST_MIN) found.push({ act: "minutes", minutes: LONGEST_MIN });
  if (choices.mode === "walk") found.push({ act: "ebike" });
  if (wanted(choices).length > 1 || (wanted(choices).length && !isOn(chip))) found.push({ act: "anything" });
  return found;
}

export function widened(choices, { act, key, minutes }) {
  if (act === "drop") {
    const without = (keys) => keys.filter((one) => one !== key);
    return {
      ...choices,
      needs: without(choices.needs),
      programmes: without(choices.programmes),
      walk_in: choices.walk_in && key !== "walk_in",
    };
  }
  if (act === "closed") return { ...choices, open_only: false };
  if (act === "minutes") return { ...choices, minutes };
  if (act === "ebike") return { ...choices, mode: "ebike" };
  return { ...choices, needs: [], programmes: [], walk_in: false };
}

// The next best is the first that was not passed over; those are kept, at the end of the list.
export function split(stations, passed) {
  return {
    listed: stations.filter((hit) => !passed.has(hit.id)),
    passed: stations.filter((hit) => passed.has(hit.id)),
  };
}
