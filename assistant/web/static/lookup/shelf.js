// The shelf beside the results: handout draft, templates, favourites, and the file to take them along.
import { identifies, sheet, store } from "./store.js";

const $ = (id) => document.getElementById(id);
const make = (tag, props = {}, ...children) => { const made = Object.assign(document.createElement(tag), props); made.append(...children); return made; };
const button = (text, name, click) => { const made = make("button", { type: "button", className: "bl-chip", textContent: text, onclick: click }); if (name) made.setAttribute("aria-label", name); return made; };

/**
 * @param title  id → its title
 * @param open   opens the card of an id
 * @param say    says something in the status line
 */
export function shelf({ title, open, say }) {
  function draw() {
    const { favourites, draft, templates } = store.get();
    const rows = [...(draft.p ? [draft.p] : []), ...draft.e];
    $("lk-draft-n").textContent = rows.length;
    $("lk-draft-list").replaceChildren(...rows.map((id) => {
      const moves = id === draft.p ? [] : [button("↑", `${title(id)}: up`, () => { store.move(id, -1); draw(); }), button("↓", `${title(id)}: down`, () => { store.move(id, 1); draw(); })];
      return make("li", {}, button(title(id), "", () => open(id)), " ", ...moves, button("×", `Take ${title(id)} away`, () => { store.remove(id); draw(); say("Taken away."); $("lk-draft").querySelector("summary").focus(); }));
    }));
    const address = sheet(draft);
    $("lk-print").hidden = $("lk-draft-clear").hidden = !address;
    if (address) $("lk-print").href = address;
    $("lk-template").hidden = !address;
    $("lk-templates").replaceChildren(...templates.map((row) => make("li", {}, button(row.name, `Use the template ${row.name}`, () => { store.set({ draft: { e: row.e, p: row.p } }); draw(); say(`${row.name} is the draft now.`); }),
      button("×", `Forget the template ${row.name}`, () => { store.set({ templates: store.get().templates.filter((other) => other.name !== row.name) }); draw(); }))));
    $("lk-favourites-n").textContent = favourites.length;
    $("lk-favourites-list").replaceChildren(...favourites.map((id) => make("li", {}, button(title(id), "", () => open(id)))));
  }

  $("lk-draft-clear").onclick = () => { store.set({ draft: { e: [], p: "" } }); draw(); say("The draft is empty."); $("lk-draft").querySelector("summary").focus(); };
  $("lk-template").onsubmit = (event) => {
    event.preventDefault();
    const name = $("lk-name").value.trim(), refused = identifies(name);
    $("lk-name-hint").textContent = refused ? "That looks like a name with a birth date or a number of a person. Use a name that is about the exercises." : "For example “Acute, week 1”. No names of patients.";
    $("lk-name-hint").classList.toggle("lk-refused", refused);
    if (!name || refused) { say($("lk-name-hint").textContent); return; }
    const { draft, templates } = store.get();
    store.set({ templates: [...templates.filter((row) => row.name !== name), { name, ...draft }] });
    $("lk-name").value = "";
    draw();
    say(`Kept as ${name}.`);
  };
  $("lk-export").onclick = () => {
    const link = make("a", { href: URL.createObjectURL(new Blob([store.file()], { type: "application/json" })), download: "backline-lookup.json" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    say("Saved as backline-lookup.json.");
  };
  $("lk-import").onchange = async (event) => {
    const [file] = event.target.files, count = file && file.size < 1e6 ? store.load(await file.text()) : null;
    event.target.value = "";
    draw();
    say(count === null ? "That is no file of favourites and templates. Choose one that was saved here." : `${count} entries loaded.`);
  };
  draw();
  return { draw };
}
