// The therapist lookup: type, choose, read. Everything works by keyboard; single keys only in the list of results, and they can be switched off.
import { card, find, keepFigures, loadCards, loadCatalogue } from "./finder.js";
import { shelf } from "./shelf.js";
import { identifies, sheet, store } from "./store.js";

const $ = (id) => document.getElementById(id);
const box = $("lk-text"), list = $("lk-list"), pane = $("lk-card");
const toggles = [...document.querySelectorAll(".lk-toggle")];
const titles = new Map(); // id → title, of everything seen
const LIMIT_SAID_MS = 700; // after the last key, so that typing is not talked over
let hits = [], active = -1, opened = "", searching = null, next = "", saying = 0; // next: what to do with the first result once it is there

const say = (text) => { clearTimeout(saying); $("lk-status").textContent = text; };
const sayLater = (text) => { clearTimeout(saying); saying = setTimeout(() => say(text), LIMIT_SAID_MS); };
const title = (id) => titles.get(id) ?? id;
const narrow = () => matchMedia("(max-width: 899px)").matches;

// --- filters, kept in the address after the # (what is typed never stands there) ---------------------------------------------

function filters() {
  const chosen = {};
  for (const t of toggles) if (t.getAttribute("aria-pressed") === "true") (chosen[t.dataset.filter] ??= []).push(t.dataset.value);
  return chosen;
}

function toAddress() {
  const rows = Object.entries(filters()).map(([name, values]) => [name, values.join(",")]);
  const text = new URLSearchParams([...rows, ...(opened ? [["item", opened]] : [])]).toString();
  history.replaceState(null, "", text ? `#${text}` : location.pathname);
}

function fromAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const t of toggles) t.setAttribute("aria-pressed", (given.get(t.dataset.filter) ?? "").split(",").includes(t.dataset.value));
  return given.get("item") ?? "";
}

function drawFilters(found) {
  const counts = new Map((found.filters ?? []).flatMap((row) => row.values.map((value) => [`${row.id}=${value.id}`, value.count])));
  for (const t of toggles) {
    const count = found.count ? found.count(t.dataset.filter, t.dataset.value) : counts.get(`${t.dataset.filter}=${t.dataset.value}`);
    t.querySelector(".lk-n").textContent = count;
    t.classList.toggle("lk-nothing", !count);
  }
  for (const group of document.querySelectorAll(".lk-filter")) {
    const count = group.querySelectorAll('[aria-pressed="true"]').length, mark = group.querySelector(".lk-chosen");
    mark.hidden = !count;
    mark.textContent = count ? ` ${count} chosen` : "";
  }
  $("lk-clear").hidden = !Object.keys(filters()).length;
}

// --- searching --------------------------------------------------------------------------------------------------------------

async function search() {
  const text = box.value, chosen = filters();
  const refused = identifies(text);
  $("lk-hint").hidden = !refused;
  $("lk-hint").textContent = refused ? "That looks like a name with a birth date or a number of a person. Leave it out: the lookup needs none, and this was not sent." : "";
  if (refused) { say($("lk-hint").textContent); return; }
  const asked = (searching = find(text, chosen));
  let found;
  try { found = await asked; } catch (error) { failed(error); return; }
  if (!found || searching !== asked) return;
  searching = null;
  draw(found, Boolean(text.trim() || Object.keys(chosen).length));
  first(next);
}

/** Go to the first result, and open it. What was typed last decides: while that is looked for, it is remembered. */
function first(what) {
  if (searching) { next = what; return; }
  next = "";
  if (!what || !hits.length) return;
  list.focus();
  choose(0);
  if (what === "open") open(hits[0].id);
}

function failed(error) {
  searching = null;
  next = "";
  const text = error?.detail || "That did not work. Try again in a moment.";
  $("lk-count").textContent = text;
  say(text);
}

function draw(found, asked) {
  hits = asked ? found.hits : [];
  active = -1;
  list.removeAttribute("aria-activedescendant");
  list.replaceChildren(...hits.map(option));
  list.hidden = !hits.length;
  $("lk-empty").hidden = asked;
  $("lk-none").hidden = !asked || hits.length > 0;
  if (asked && !hits.length) near(found.spellings);
  $("lk-count").textContent = asked ? `${found.total} found${found.offline ? " in the copy on this device: offline, by the words as they stand, warning signs are not read" : ""}` : "";
  const warning = found.warning?.html ?? "";
  if ($("lk-warning").dataset.shown !== warning) { $("lk-warning").dataset.shown = warning; $("lk-warning").innerHTML = warning; } // made and escaped by the server
  const about = found.warning?.about;
  if (about && opened !== about) open(about, true); // no exercise stays beside a warning
  drawFilters(found);
  if (document.activeElement === list && hits.length) choose(0);
  if (asked) sayLater(hits.length ? `${found.total} found. First: ${hits[0].title}` : "Not in the corpus.");
}

function option(item, n) {
  titles.set(item.id, item.title);
  const row = document.createElement("li");
  Object.assign(row, { id: `lk-o${n}`, className: "lk-option" });
  row.setAttribute("role", "option");
  row.setAttribute("aria-selected", "false");
  const part = (className, text) => Object.assign(document.createElement("span"), { className, textContent: text });
  const name = document.querySelector(`[data-filter="kind"][data-value="${item.kind}"]`)?.firstChild.textContent.trim() ?? "Own text";
  row.append(part("lk-badge", name), part("lk-name", item.title), part("lk-line", item.line));
  row.dataset.kind = item.kind;
  row.onclick = () => { choose(n); list.focus(); open(item.id); };
  return row;
}

function near(spellings) {
  const button = (word) => Object.assign(document.createElement("button"), { type: "button", className: "bl-chip", textContent: word, onclick: () => { box.value = word; search(); box.focus(); } });
  $("lk-near").replaceChildren(...(spellings.length ? ["Did you mean ", ...spellings.map(button)] : ["Fewer or other words may find it."]));
}

// --- results and card ---------------------------------------------------------------------------------------------------------

function choose(n) {
  active = Math.max(0, Math.min(n, hits.length - 1));
  [...list.children].forEach((row, m) => row.setAttribute("aria-selected", String(m === active)));
  const row = list.children[active];
  if (!row) return;
  list.setAttribute("aria-activedescendant", row.id);
  row.scrollIntoView({ block: "nearest" });
}

/** Show the card of an id; `quietly` leaves the focus where it is. */
async function open(id, quietly = false) {
  let html;
  try { html = await card(id); } catch (error) { failed(error); return; }
  if (!html) { say("This text is not kept on this device. It can be read when there is a network."); return; }
  pane.innerHTML = html; // made and escaped by the server
  opened = id;
  titles.set(id, $("lk-title").textContent);
  drawCard();
  toAddress();
  if (hits.some((hit) => hit.id === id)) store.remembered(box.value.trim());
  if (quietly) return;
  if (narrow() || !list.contains(document.activeElement)) read();
  else { pane.scrollTop = 0; say(`Card: ${title(id)}. Enter once more reads it.`); }
}

function read() {
  $("lk-title")?.focus();
  if (narrow()) pane.scrollIntoView();
}

function drawCard() {
  pane.querySelector('[data-do="favourite"]')?.setAttribute("aria-pressed", String(store.get().favourites.includes(opened)));
}

const present = () => (document.activeElement === list && active >= 0 ? hits[active] : null);
const kindOf = (id) => hits.find((hit) => hit.id === id)?.kind ?? (id === opened ? pane.querySelector(".lk-card")?.dataset.kind : "");

const actions = {
  favourite(id) { say(store.toggleFavourite(id) ? `${title(id)} is a favourite.` : `${title(id)} is no favourite any more.`); drawCard(); shelves.draw(); },
  add(id) {
    const kind = kindOf(id);
    if (kind !== "exercise" && kind !== "programme") { say("Exercises and programmes go on a handout; this is neither."); return; }
    const refused = store.add(id, kind);
    say(refused || `${title(id)} is on the handout draft.`);
    $("lk-draft").open = true;
    shelves.draw();
  },
  print(id) {
    const kind = id ? kindOf(id) : "", draft = store.get().draft;
    const address = sheet(draft) || sheet(kind === "exercise" ? { e: [id], p: "" } : kind === "programme" ? { e: [], p: id } : { e: [], p: "" });
    if (!address) { say("The handout draft is empty. Add exercises with a."); return; }
    window.open(address, "_blank", "noopener");
  },
  async copy(id) {
    if (opened !== id) await open(id);
    try { await navigator.clipboard.writeText(pane.querySelector(".lk-copied").textContent); say("Copied with its citation."); } catch { say("The browser did not allow copying."); }
  },
  async patient(id) {
    if (opened !== id) await open(id);
    const section = $("lk-patient"), button = pane.querySelector('[data-do="patient"]');
    section.hidden = !section.hidden;
    button.setAttribute("aria-expanded", String(!section.hidden));
    if (!section.hidden) { section.scrollIntoView({ block: "nearest" }); say("What the patient sees is shown."); }
  },
  help() { $("lk-help").showModal(); },
};
const KEYS = { f: "favourite", a: "add", p: "print", c: "copy", w: "patient", "?": "help" };

// --- keys ---------------------------------------------------------------------------------------------------------------------

box.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowDown") { event.preventDefault(); first("choose"); }
  else if (event.key === "Escape" && box.value) { event.preventDefault(); box.value = ""; search(); }
});
$("lk-form").addEventListener("submit", (event) => {
  event.preventDefault();
  first("open");
});
list.addEventListener("focus", () => { if (active < 0 && hits.length) choose(0); });
list.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5, Home: -Infinity, End: Infinity }[event.key];
  if (event.key === "ArrowUp" && active <= 0) { event.preventDefault(); box.focus(); }
  else if (by) { event.preventDefault(); choose(by === Infinity ? hits.length - 1 : by === -Infinity ? 0 : active + by); }
  else if (event.key === "Enter" && present()) { event.preventDefault(); if (opened === present().id) read(); else open(present().id); }
  else if (event.key === "Escape") box.focus();
  else if (KEYS[event.key] && store.get().single && !event.ctrlKey && !event.metaKey && !event.altKey && present()) { event.preventDefault(); actions[KEYS[event.key]](present().id); }
});
pane.addEventListener("keydown", (event) => { if (event.key === "Escape") { if (list.hidden) box.focus(); else list.focus(); } });
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select, dialog");
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey) { event.preventDefault(); box.focus(); box.select(); }
  else if (event.key === "/" && !typing && store.get().single && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); box.focus(); box.select(); }
});

// --- the rest --------------------------------------------------------------------------------------------------------------------

box.addEventListener("input", search);
for (const t of toggles) t.onclick = () => { t.setAttribute("aria-pressed", String(t.getAttribute("aria-pressed") !== "true")); toAddress(); search(); };
$("lk-clear").onclick = () => { for (const t of toggles) t.setAttribute("aria-pressed", "false"); toAddress(); search(); box.focus(); };
$("lk-keys").onclick = actions.help;
for (const chip of document.querySelectorAll("[data-search]")) chip.onclick = () => { box.value = chip.dataset.search; box.focus(); search(); };
pane.addEventListener("click", (event) => { const wanted = event.target.closest("[data-do]"); if (wanted) actions[wanted.dataset.do](opened); });
addEventListener("hashchange", () => { const item = fromAddress(); if (item && item !== opened) open(item); search(); });
for (const [id, name] of [["lk-single", "single"], ["lk-remember", "remember"]]) {
  $(id).checked = store.get()[name];
  $(id).onchange = (event) => { store.set({ [name]: event.target.checked }); drawRecent(); };
}

function drawRecent() {
  const { recent } = store.get();
  $("lk-recent").hidden = !recent.length;
  $("lk-recent").querySelector("ul").replaceChildren(...recent.map((text) => {
    const row = document.createElement("li");
    row.append(Object.assign(document.createElement("button"), { type: "button", className: "bl-chip", textContent: text, onclick: () => { box.value = text; box.focus(); search(); } }));
    return row;
  }));
}

const shelves = shelf({ title, open, say });
const item = fromAddress();
drawRecent();
if (Object.keys(filters()).length || box.value) search(); // typed before this script ran
if (item) open(item);
else box.focus();
const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 500));
idle(async () => {
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/lookup/worker.js", { scope: "/lookup" }).catch(() => {}); // without it the lookup needs the network
  try {
    for (const known of (await loadCatalogue()).items) titles.set(known.id, known.title);
    shelves.draw();
    await loadCards();
    await keepFigures();
  } catch { /* offline from the start; what is kept is used */ }
});
