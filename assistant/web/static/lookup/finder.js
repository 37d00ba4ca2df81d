// Typed words → items. The server ranks; without a network, the kept catalogue is filtered by the words as they stand.
const WAIT_MS = 6000;
const AGAIN_MS = 700; // between tries while the server is busy: the search may be a warning sign
const TRIES = 4;
let catalogue = null; // once it is needed or the page is idle
let cards = null;
let under_way = null;

async function json(url, options = {}) {
  const response = await fetch(url, options);
  if (!response.ok) throw Object.assign(new Error("refused"), { status: response.status, detail: (await response.json().catch(() => ({}))).detail });
  return response.json();
}

export const loadCatalogue = async () => (catalogue ??= await json("/api/v1/lookup/catalogue"));
export const loadCards = async () => (cards ??= (await json("/api/v1/lookup/cards")).cards);

/** Have the drawings of all exercises kept, one after the other, where the page can be used offline; those that are kept are left alone. */
export async function keepFigures() {
  if (!navigator.serviceWorker?.controller || navigator.connection?.saveData) return;
  for (const { id, kind } of (await loadCatalogue()).items) {
    const url = `/figure/${id}.svg`;
    if (kind === "exercise" && !(await caches.match(url))) await fetch(url);
  }
}

/** Results for the present words; null when newer words were typed meanwhile. Throws what the server refuses. */
export async function find(text, filters, limit = 30, tries = TRIES) {
  under_way?.abort();
  const mine = (under_way = new AbortController());
  const late = setTimeout(() => mine.abort("late"), WAIT_MS);
  try {
    const body = JSON.stringify({ text, filters, limit });
    return await json("/api/v1/lookup", { method: "POST", headers: { "Content-Type": "application/json" }, body, signal: mine.signal });
  } catch (error) {
    if (mine !== under_way) return null;
    if (error.status === 503 && tries > 1) {
      await new Promise((done) => setTimeout(done, AGAIN_MS));
      return mine === under_way ? find(text, filters, limit, tries - 1) : null;
    }
    if (error.status) throw error;
    return offline(text, filters, limit);
  } finally { clearTimeout(late); }
}

/** The same without a network: no ranking, no warning signs are read. */
async function offline(text, filters, limit) {
  const { items } = await loadCatalogue();
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = Object.entries(filters);
  const said = items.filter((item) => { const all = `${item.title} ${item.names} ${item.line} ${item.of}`.toLowerCase(); return words.every((word) => all.includes(word)); });
  const passes = (item, rows) => rows.every(([name, values]) => (name === "population" ? values.every((v) => item.tags.includes(`${name}=${v}`)) : values.some((v) => item.tags.includes(`${name}=${v}`))));
  const hits = said.filter((item) => passes(item, chosen));
  const count = (name, value) => said.filter((item) => item.tags.includes(`${name}=${value}`) && passes(item, chosen.filter(([other]) => other !== name || name === "population"))).length;
  return { hits: hits.slice(0, limit), total: hits.length, spellings: [], warning: null, offline: true, count };
}

/** The HTML of a card, made by the server: from what is kept, or asked for. */
export async function card(id) {
  if (cards?.[id]) return cards[id];
  try {
    return (await json(`/api/v1/lookup/card/${id.split("#").map(encodeURIComponent).join("/")}`)).html;
  } catch (error) {
    if (error.status) throw error;
    return (await loadCards())[id] ?? "";
  }
}
