// What a schedule says of a minute; see docs/snapshot.md. Pure. A table (table.js) holds the parts
// of all schedules of a cell in flat arrays: `begins` and `states` from `first[s]` to `first[s + 1]`.
export const [CLOSED, OPEN, UNKNOWN] = [0, 1, 2];
export const STATES = ["closed", "open", "unknown"];

const DAY_MIN = 1440;
const AHEAD_MIN = 28 * DAY_MIN; // farther ahead nothing is said, as in stations.availability

// The place of the part that holds at a minute, by halving.
function partAt(table, schedule, minute) {
  const { begins } = table;
  let low = table.first[schedule];
  let high = table.first[schedule + 1] - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (begins[middle] <= minute) low = middle;
    else high = middle - 1;
  }
  return low;
}

// Before the first day and after the last nothing is known.
export function stateAt(table, schedule, minute, days_min) {
  return minute < 0 || minute >= days_min ? UNKNOWN : table.states[partAt(table, schedule, minute)];
}

// The best state from a minute to the end of its day: open if it is open at all, else unknown if it
// is that at all.
export function todayOf(table, schedule, minute, days_min) {
  if (minute < 0 || minute >= days_min) return UNKNOWN;
  const midnight = (Math.floor(minute / DAY_MIN) + 1) * DAY_MIN;
  const end = table.first[schedule + 1];
  let best = CLOSED;
  for (let k = partAt(table, schedule, minute); k < end && table.begins[k] < midnight; k += 1) {
    if (table.states[k] === OPEN) return OPEN;
    if (table.states[k] === UNKNOWN) best = UNKNOWN;
  }
  return best;
}

// The stretches of a minute's day in which it is open and that are not over yet: [from, until].
export function openToday(table, schedule, minute, days_min) {
  if (minute < 0 || minute >= days_min) return [];
  const { begins, states } = table;
  const dayStart = Math.floor(minute / DAY_MIN) * DAY_MIN;
  const end = table.first[schedule + 1];
  const found = [];
  let k = partAt(table, schedule, minute);
  while (k > table.first[schedule] && begins[k] > dayStart && states[k] === OPEN && states[k - 1] === OPEN) k -= 1;
  for (; k < end && begins[k] < dayStart + DAY_MIN; k += 1) {
    if (states[k] !== OPEN) continue;
    const from = Math.max(begins[k], dayStart);
    const until = k + 1 < end ? Math.min(begins[k + 1], dayStart + DAY_MIN) : dayStart + DAY_MIN;
    const last = found[found.length - 1];
    if (last && last[1] === from) last[1] = until;
    else found.push([from, until]);
  }
  return found;
}

// All that stations.availability says of a minute, which need not be whole.
export function whatHolds(table, schedule, minute, days_min) {
  if (minute < 0 || minute >= days_min) return { ...NOT_KNOWN };
  const { cell, states, begins, first } = table;
  const written = cell.schedules[schedule];
  const now = partAt(table, schedule, Math.floor(minute));
  const [, state, why, note, holiday, is_predicted] = written.parts[now - first[schedule]];
  const turn = findFrom(now, first[schedule + 1], (k) => states[k] !== state);
  const until = turn < 0 ? written.change : begins[turn];
  return {
    state: STATES[state],
    until: inSight(until, minute),
    next_open: nextOpen(table, schedule, minute, days_min),
    why,
    note: cell.notes[note],
    holiday: holiday === null ? null : cell.holidays[holiday],
    is_predicted: Boolean(is_predicted),
  };
}

// When a door that is not open opens next; null when that is not in sight, or it is open.
export function nextOpen(table, schedule, minute, days_min) {
  if (minute < 0 || minute >= days_min) return null;
  const now = partAt(table, schedule, Math.floor(minute));
  if (table.states[now] === OPEN) return null;
  const opening = findFrom(now, table.first[schedule + 1], (k) => table.states[k] === OPEN);
  return inSight(opening < 0 ? table.cell.schedules[schedule].next_open : table.begins[opening], minute);
}

const NOT_KNOWN = {
  state: STATES[UNKNOWN], until: null, next_open: null, why: "out_of_date", note: "", holiday: null, is_predicted: false,
};

const inSight = (bound, minute) => (bound !== null && bound < minute + AHEAD_MIN ? bound : null);

function findFrom(k, end, is) {
  for (; k < end; k += 1) if (is(k)) return k;
  return -1;
}
