// What this browser keeps: favourites, a handout draft, templates, and two choices. Ids and names of templates; never anything of a person.
const KEY = "backline.lookup";
const RECENT = 5;
const MOST = 20; // exercises on a sheet
const EMPTY = { favourites: [], draft: { e: [], p: "" }, templates: [], single: true, remember: false, recent: [] };
const ID = /^[a-z0-9][a-z0-9-]{0,80}(?:#[a-z0-9][a-z0-9-]{0,80})?$/;
const MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*";
const PERSONAL = [
  /\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})\b/, /\b(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}\b/,
  new RegExp(`\\b\\d{1,2}(?:st|nd|rd|th)?(?: of)? ${MONTH},? (?:\\d{4}|\\d{2})\\b`, "i"), new RegExp(`\\b${MONTH} \\d{1,2}(?:st|nd|rd|th)?,? \\d{4}\\b`, "i"),
  /\b(?:dob|d\.o\.b|born|date of birth)\b/i, /\S@\S+\.\S/, /\d{7,}|\d(?:[ -]?\d){8,}/, /\b(?:Mr|Mrs|Ms|Miss|Mx)\.? [A-Z][a-z]/,
];

/** Whether a text looks like a name with a birth date, a number of a record or an address: what has no place here. */
export const identifies = (text) => PERSONAL.some((pattern) => pattern.test(text));

const strings = (value, fits) => (Array.isArray(value) ? value.filter((entry) => typeof entry === "string" && fits(entry)) : []);
const ids = (value) => [...new Set(strings(value, (entry) => ID.test(entry)))];

/** A draft or a template: one programme, or exercises. */
function plan(value) {
  const p = typeof value?.p === "string" && ID.test(value.p) ? value.p : "";
  return { e: p ? [] : ids(value?.e).slice(0, MOST), p };
}
const named = (text) => text.trim().length > 0 && text.length <= 60 && !identifies(text);

function read() {
  try { return clean(JSON.parse(localStorage.getItem(KEY) ?? "null")); } catch { return clean(null); }
}

/** Anything → a state of the right form: what does not fit is left out. */
function clean(value) {
  const templates = Array.isArray(value?.templates) ? value.templates : [];
  return {
    favourites: ids(value?.favourites), draft: plan(value?.draft),
    templates: templates.filter((row) => typeof row?.name === "string" && named(row.name)).map((row) => ({ name: row.name, ...plan(row) })),
    single: value?.single !== false, remember: value?.remember === true,
    recent: value?.remember === true ? strings(value?.recent, (text) => text.length <= 300 && !identifies(text)).slice(0, RECENT) : [],
  };
}

let state = read();

function keep(changed) {
  state = clean({ ...state, ...changed });
  try { localStorage.setItem(KEY, JSON.stringify(state)); } catch { /* a browser that keeps nothing still works, until it is closed */ }
}

export const store = {
  get: () => state,
  set: keep,
  toggleFavourite(id) {
    const had = state.favourites.includes(id);
    keep({ favourites: had ? state.favourites.filter((other) => other !== id) : [...state.favourites, id] });
    return !had;
  },
  /** Put an exercise or a programme on the draft: a sheet is of exercises or of one programme. Returns why it cannot be, or nothing. */
  add(id, kind) {
    const { e, p } = state.draft, programme = kind === "programme";
    if (p === id || e.includes(id)) return "It is on the draft already.";
    if (p || (programme && e.length)) return "A handout is of one programme or of exercises. Print or empty the draft first.";
    if (e.length >= MOST) return `A handout holds at most ${MOST} exercises.`;
    keep({ draft: programme ? { e: [], p: id } : { e: [...e, id], p: "" } });
    return "";
  },
  remove(id) { keep({ draft: { e: state.draft.e.filter((other) => other !== id), p: "" } }); },
  move(id, by) {
    const e = [...state.draft.e], from = e.indexOf(id), to = from + by;
    if (from < 0 || to < 0 || to >= e.length) return;
    [e[from], e[to]] = [e[to], e[from]];
    keep({ draft: { e, p: "" } });
  },
  remembered(text) { if (state.remember && text && !identifies(text)) keep({ recent: [text, ...state.recent.filter((other) => other !== text)].slice(0, RECENT) }); },
  /** The file that `load` reads back. */
  file: () => JSON.stringify({ backline: "lookup", favourites: state.favourites, templates: state.templates }, null, 1),
  /** Add what a file holds; returns how many entries fitted, or null when it is no such file. */
  load(text) {
    let value;
    try { value = JSON.parse(text); } catch { return null; }
    if (value?.backline !== "lookup") return null;
    const found = clean(value), have = new Set(state.templates.map((row) => row.name));
    keep({ favourites: [...state.favourites, ...found.favourites], templates: [...state.templates, ...found.templates.filter((row) => !have.has(row.name))] });
    return found.favourites.length + found.templates.length;
  },
};

/** The address of a sheet: ids alone. */
export function sheet({ e, p }) {
  const query = new URLSearchParams(p ? [["p", p]] : e.map((id) => ["e", id]));
  return query.size ? `/handout?${query}` : "";
}
