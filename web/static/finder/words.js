// What we say, in the reader's language. The key of every sentence is the English sentence; its
// translation comes from the file of the language, and what is not there is said in English.
let sentences = new Map();
let code = "en";
let names = { services: new Map(), entries: new Map(), kinds: new Map() };

// Resolves to whether the words came; without them everything is said in English.
export async function loadWords(url, { fetch = globalThis.fetch } = {}) {
  try {
    const response = await fetch(url, { credentials: "omit" });
    if (!response.ok) return false;
    useWords(await response.json());
    return true;
  } catch {
    return false;
  }
}

export function useWords(found) {
  const map = (part) => new Map(Object.entries(found[part] || {}));
  code = found.language || "en";
  sentences = map("sentences");
  names = { services: map("services"), entries: map("entries"), kinds: map("kinds") };
}

export function say(template, values = {}) {
  const text = sentences.get(template) || template;
  return text.replace(/\{(\w+)\}/g, (whole, name) =>
    Object.prototype.hasOwnProperty.call(values, name) ? String(values[name]) : whole,
  );
}

export const language = () => code;

// A key that has no name stays as it is.
export const serviceName = (key) => names.services.get(key) || key;
export const entryWords = (entry) => names.entries.get(entry) || entry;
export const kindWords = (kind) => names.kinds.get(kind) || kind;
