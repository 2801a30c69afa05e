// A place that somebody types: by name, by pinyin, by initials, or by any mixture. Pure.
// A place is [name, pinyin, initials, kind, lon_deg, lat_deg, id].
const MOST = 8;

const folded = new WeakMap(); // the rows as they are compared, made once for a list

// The best places for a text, the best first; of equal ones the order of the list holds.
export function findPlaces(places, text, limit = MOST) {
  const wanted = text.normalize("NFKC").trim().toLowerCase();
  if (!wanted) return [];
  const words = wanted.split(/\s+/);
  const rows = foldedRows(places);
  const found = [];
  for (let k = 0; k < rows.length; k += 1) {
    const rank = rankOf(rows[k], wanted, words);
    if (rank < NONE) found.push([rank, rows[k].name.length, k]);
  }
  // Among names that hold the text the shorter one is nearer to it; the order of the list decides
  // where the text stands at the beginning, for there many a name goes on.
  found.sort((a, b) => a[0] - b[0] || (a[0] >= HOLDS ? a[1] - b[1] : 0) || a[2] - b[2]);
  return found.slice(0, limit).map(([, , k]) => places[k]);
}

const [EXACT, STARTS, PINYIN_EXACT, INITIALS, PINYIN, HOLDS, INSIDE, ALL_WORDS, NONE] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

function rankOf(row, wanted, words) {
  if (row.name === wanted) return EXACT;
  if (row.name.startsWith(wanted)) return STARTS;
  const typed = words.join("");
  if (/^[a-z0-9']+$/.test(typed)) {
    const letters = typed.replace(/'/g, "");
    if (row.letters === letters || row.initials === letters) return PINYIN_EXACT;
    if (row.initials.startsWith(letters)) return INITIALS;
    if (row.letters.startsWith(letters) || spells(row.syllables, 0, letters)) return PINYIN;
    if (row.name.includes(wanted)) return HOLDS;
    if (letters.length > 1 && fromInside(row.syllables, letters)) return INSIDE;
  }
  if (row.name.includes(wanted)) return HOLDS;
  if (words.length > 1 && words.every((word) => rankOf(row, word, [word]) < ALL_WORDS)) return ALL_WORDS;
  return NONE;
}

// Whether letters spell syllables one after another, each whole or cut short: "erqigc". `reached`
// are the numbers of letters that the syllables before can have taken.
function spells(syllables, k, letters) {
  let reached = [0];
  for (; k < syllables.length && reached.length; k += 1) {
    const next = new Set();
    for (const from of reached) {
      for (let n = 0; n < syllables[k].length && syllables[k][n] === letters[from + n]; n += 1) next.add(from + n + 1);
    }
    if (next.has(letters.length)) return true;
    reached = [...next];
  }
  return false;
}

function fromInside(syllables, letters) {
  for (let k = 1; k < syllables.length; k += 1) if (spells(syllables, k, letters)) return true;
  return false;
}

function foldedRows(places) {
  if (!folded.has(places)) {
    folded.set(
      places,
      places.map(([name, pinyin, initials]) => {
        const syllables = pinyin.toLowerCase().split(/[^a-z0-9]+/).filter(Boolean);
        return {
          name: name.normalize("NFKC").toLowerCase(),
          letters: syllables.join(""),
          initials: initials.toLowerCase(),
          syllables,
        };
      }),
    );
  }
  return folded.get(places);
}
