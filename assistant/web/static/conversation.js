// The conversation of web chat and clinic panel. What is shown was rendered and escaped on the server (`html` of its events) or stands in
// the page already; what a person types is only ever set as text. The page holds the conversation and sends it along; nothing is stored
// unless the person ticks the box. The contract stands in docs/http-api.md.
"use strict";
(() => {
  const SEARCHING_MS = 1000, SLOW_MS = 8000, SILENCE_MS = 20000, UNDO_MS = 10000, KEEP_MS = 24 * 3600 * 1000;
  const MAX_ENTRIES = 40, MAX_BYTES = 22000; // of the history in one request
  const LEVELS = ["none", "soon", "urgent", "emergency"];
  const KEPT = "backline-chat";
  const SIZES = [0.9, 1, 1.15, 1.3, 1.5];
  const CALM = matchMedia("(prefers-reduced-motion: reduce)");

  /** A response that is not a reply. `problem` is its problem object, `wait` the seconds of Retry-After. */
  class Refused extends Error {
    constructor(status, problem, wait) {
      super(problem.title ?? "");
      Object.assign(this, { status, problem, wait });
    }
  }

  /** The server-sent events of a response as [name, data]. Comments and unfinished events are passed over. */
  async function* events(response, alive) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      alive();
      const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const field = (name) => block.split("\n").filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2)).join("\n");
        if (field("event")) yield [field("event"), JSON.parse(field("data"))];
      }
    }
  }

  const json = (response) => response.json().catch(() => ({}));

  /** Ask the server; `on` is called with each event. Gives the data of `done`. Ends when nothing came for too long. */
  async function receive(url, body, headers, stop, on, stream = true) {
    const silence = new AbortController();
    let timer;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
    };
    alive();
    const give = () => silence.abort();
    stop.addEventListener("abort", give);
    try {
      const response = await fetch(url, {
        method: "POST", body: JSON.stringify({ ...body, stream }), signal: silence.signal, cache: "no-store", referrerPolicy: "no-referrer",
        headers: { "Content-Type": "application/json", Accept: stream ? "text/event-stream, application/json" : "application/json", ...headers },
      });
      if (!response.ok) throw new Refused(response.status, await json(response), Number(response.headers.get("Retry-After")) || 0);
      if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) return { replaces: true, ...(await response.json()) };
      for await (const [name, data] of events(response, alive)) {
        if (name === "done") return data;
        if (name === "problem") throw new Refused(data.status, data, 0);
        on(name, data);
      }
    } finally {
      clearTimeout(timer);
      stop.removeEventListener("abort", give);
    }
    return stream ? receive(url, body, headers, stop, on, false) : Promise.reject(new Error("no reply")); // cut off on the way: once more in one piece
  }

  function start(app) {
    const $ = (selector, root = app) => root.querySelector(selector);
    const words = JSON.parse(app.dataset.words);
    const filled = (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
    const limit = Number(app.dataset.limit);
    const lang = document.documentElement.lang || "en";
    const [transcript, state, form, box, hint] = [".bl-transcript", "#bl-state", "#bl-composer", "#bl-question", "#bl-hint"].map((s) => $(s));
    const [status, alarm, keep, country] = ["[role=status]", "[role=alert]", "#bl-keep", "#bl-region"].map((s) => $(s));
    let turns = []; // {id, text, yes, level, answer, reply, node}: oldest first
    let working = null; // {turn, stop} while an answer is on its way
    let cleared = null; // what an undo brings back
    let undoing = 0;
    let moved = false; // somebody scrolls meanwhile: the page then stays where it is
    let token = app.dataset.token, renewed = Date.now();

    // --- saying and showing --------------------------------------------------------------------------------------------

    /** Say something once to people who listen, in the page's language unless told otherwise. Every call is one write in a live region. */
    function announce(text, level = "polite", language = lang) {
      const place = level === "alert" ? alarm : status;
      place.lang = language;
      place.textContent = text;
    }

    const copyOf = (id) => $(`template${id}`).content.cloneNode(true);

    function help() {
      const all = [...app.querySelectorAll("template.bl-help-now")];
      return (all.find((one) => one.dataset.region === region()) ?? all[0])?.content.cloneNode(true) ?? "";
    }

    /** Server-rendered HTML as nodes. Ids that stand on the page already get a number, together with what refers to them. */
    function rendered(html) {
      const holder = document.createElement("template");
      holder.innerHTML = html;
      for (const element of holder.content.querySelectorAll("[id]")) {
        if (!document.getElementById(element.id)) continue;
        const [old, fresh] = [element.id, `${element.id}-${(rendered.count = (rendered.count ?? 0) + 1)}`];
        element.id = fresh;
        for (const name of ["aria-controls", "aria-labelledby", "aria-describedby"])
          for (const other of holder.content.querySelectorAll(`[${name}="${CSS.escape(old)}"]`)) other.setAttribute(name, fresh);
      }
      return holder.content;
    }

    /** The line above the box: what is going on. Without a text it goes away. */
    function tell(text, { undo = false, retry = false, withHelp = false } = {}) {
      state.hidden = !text;
      $(".bl-message", state).textContent = text ?? "";
      $("[data-do=undo]", state).hidden = !undo;
      $("[data-do=retry]", state).hidden = !retry;
      $(".bl-state-help", state).replaceChildren(withHelp ? help() : "");
    }

    function hinted(text = "") {
      hint.textContent = text;
      box.toggleAttribute("aria-invalid", false);
    }

    const region = () => country?.value ?? app.dataset.region;
    const show = (node) => node.scrollIntoView({ block: "start", behavior: CALM.matches ? "auto" : "smooth" });
    const emit = (type, detail = {}) => app.dispatchEvent(new CustomEvent(`backline:${type}`, { detail }));

    // --- turns ---------------------------------------------------------------------------------------------------------

    function addTurn(text, yes = null) {
      const node = copyOf("#bl-turn").firstElementChild;
      $(".bl-question", node).textContent = text || words.check_asked;
      const turn = { text, yes, level: "none", answer: null, reply: null, node };
      turns.push(turn);
      $(".bl-empty").hidden = true;
      transcript.append(node);
      return turn;
    }

    /** Put nodes in the place of what a turn shows, without losing the focus or a passage that is open. */
    function fill(turn, ...nodes) {
      const body = $(".bl-body", turn.node);
      const active = body.contains(document.activeElement) ? document.activeElement.getAttribute("aria-controls") ?? "" : null;
      const open = [...body.querySelectorAll(".bl-cite[aria-expanded=true]")].map((mark) => mark.getAttribute("aria-controls"));
      body.replaceChildren(...nodes);
      const mark = (id) => body.querySelector(`.bl-cite[aria-controls="${CSS.escape(id)}"]`);
      for (const id of open) if (mark(id)) toggle(mark(id), true);
      if (active !== null) (mark(active) ?? $(".bl-answered", turn.node)).focus();
    }

    function finish(turn, { reply, html, announce: said }) {
      Object.assign(turn, { reply, level: reply.level, html });
      const sources = reply.sources ?? [];
      turn.answer = { text: reply.answer_text, cited: sources.map((source) => `${source.document}#${source.section}`), focus: reply.focus ?? null };
      draw(turn);
      if (said && said.text !== turn.alarmed) announce(said.text, said.level, said.language);
      if (reply.level !== "none") emit("redflag", { level: reply.level });
      save();
    }

    function draw(turn) {
      const { reply, html, node } = turn;
      const content = rendered(html);
      Object.assign(node.dataset, { outcome: reply.outcome, level: reply.level });
      if (reply.card && !reply.answer.length) $(".bl-answered", node).textContent = "Warning";
      if (reply.outcome !== "answered" || reply.level === "emergency") return fill(turn, content);
      const tools = copyOf("#bl-actions");
      const before = content.querySelector(".bl-suggestions");
      if (before) before.before(tools);
      else content.append(tools);
      fill(turn, content);
    }

    /** The conversation before a turn, as the server wants it: the newest that fits, and always the turns of a warning that still stands. */
    function history(before) {
      const earlier = turns.slice(0, before).filter((turn) => turn.text || turn.yes);
      const calm = earlier.map((turn) => turn.answer !== null && turn.level === "none").lastIndexOf(true);
      let standing = 0; // the level that every later turn has too: only the turn that raised it must go along
      const entries = earlier.map((turn, place) => {
        const level = place > calm ? LEVELS.indexOf(turn.level) : 0;
        const must = place > calm && (!turn.answer || level > standing);
        standing = Math.max(standing, level);
        const asked = { role: "user", text: turn.text, ...(turn.yes && { safety_check: turn.yes }) };
        const told = turn.answer && turn.text ? [{ role: "assistant", ...turn.answer }] : [];
        return { asked, told, must };
      }).reverse();
      let [room, bytes] = [MAX_ENTRIES, MAX_BYTES];
      const fits = (list) => {
        const size = new TextEncoder().encode(JSON.stringify(list)).length;
        if (list.length > room || size > bytes) return false;
        [room, bytes] = [room - list.length, bytes - size];
        return true;
      };
      const kept = new Map();
      for (const entry of entries) if (entry.must && fits([entry.asked])) kept.set(entry, [entry.asked]);
      let full = false;
      for (const entry of entries) {
        const more = kept.has(entry) ? entry.told : [entry.asked, ...entry.told];
        full ||= !fits(more);
        if (!full) kept.set(entry, [entry.asked, ...entry.told]);
      }
      return entries.reverse().flatMap((entry) => kept.get(entry) ?? []);
    }

    // --- asking --------------------------------------------------------------------------------------------------------

    function busy(on) {
      const [ask, stop] = [$("#bl-send"), $("#bl-stop")];
      if ([ask, stop].includes(document.activeElement)) box.focus(); // one of them is about to go
      ask.hidden = on;
      stop.hidden = !on;
    }

    async function ask(text, yes = null) {
      if (working) return;
      forgetCleared();
      await run(addTurn(text, yes));
    }

    async function run(turn, before = turns.indexOf(turn)) {
      const stop = new AbortController();
      working = { turn, stop };
      busy(true);
      tell();
      const body = $(".bl-body", turn.node);
      body.setAttribute("aria-busy", "true");
      fill(turn);
      show(turn.node);
      moved = false;
      const searching = setTimeout(() => {
        tell(words.searching);
        if (!turn.alarmed) announce(words.searching);
      }, SEARCHING_MS);
      const slow = setTimeout(() => tell(words.slow, { withHelp: true }), SLOW_MS);
      try {
        const done = await receive(`${app.dataset.api ?? ""}/api/v1/chat`, request(turn, before), await proof(), stop.signal, (name, data) => arrive(turn, name, data));
        if (turns.includes(turn)) finish(turn, done);
        tell();
        if (!moved) show(turn.node); // only now it is long enough to come to the top
      } catch (error) {
        tell();
        if (turns.includes(turn)) fail(turn, error, stop.signal.aborted);
      } finally {
        clearTimeout(searching);
        clearTimeout(slow);
        body.removeAttribute("aria-busy");
        if (working?.turn === turn) {
          working = null;
          busy(false);
        }
      }
    }

    function request(turn, before) {
      const site = app.dataset.site;
      return {
        message: turn.text, region: region(), history: history(turn.before ?? before), render: "html", ...(turn.yes && { safety_check: turn.yes }), ...(site && { site }),
      };
    }

    /** The header that shows which panel asks. A token is renewed while it is valid, so that an open chat goes on. */
    async function proof() {
      if (!token) return {};
      if (Date.now() - renewed > 5 * 60 * 1000) {
        const headers = { "Content-Type": "application/json", "X-Backline-Token": token };
        const response = await fetch("/api/v1/token", { method: "POST", headers, body: JSON.stringify({ site: app.dataset.site }) }).catch(() => null);
        const fresh = response?.ok ? (await json(response)).token : null;
        if (fresh) [token, renewed] = [fresh, Date.now()];
      }
      return { "X-Backline-Token": token };
    }

    /** Something of an answer that is not whole yet: shown, not announced, but for an emergency. */
    function arrive(turn, name, data) {
      if (!data.html || !turns.includes(turn)) return;
      const body = $(".bl-body", turn.node);
      tell();
      if (name === "card") {
        body.querySelector(".bl-card")?.remove();
        body.prepend(rendered(data.html));
        if (data.card.level !== "emergency") return;
        const said = data.card.own_language ?? data.card;
        turn.alarmed = `${said.heading} ${said.action}`;
        announce(turn.alarmed, "alert", said.language);
      } else body.append(rendered(data.html));
    }

    function fail(turn, error, stopped) {
      const problem = error.problem ?? {};
      if (stopped) return failed(turn, words.stopped);
      if (problem.html) return fill(turn, rendered(problem.html));
      if (!navigator.onLine) {
        failed(turn, words.offline, { withHelp: true });
        turn.waits = true;
      } else if (error.status === 429 || (error.status === 503 && error.wait)) {
        failed(turn, filled("limited", { wait: spell(error.wait || 30) }), { withHelp: true });
      } else if (error.status === 422 || error.status === 413) {
        box.value = box.value || turn.text;
        remove(turn);
        hinted(problem.detail);
        box.setAttribute("aria-invalid", "true");
        announce(problem.detail);
      } else if (problem.detail && error.status < 500) {
        failed(turn, problem.detail, { again: false, withHelp: true });
      } else {
        failed(turn, words.broken, { withHelp: true, level: "alert" });
      }
      emit("error", { kind: problem.code ?? (navigator.onLine ? "failed" : "offline") });
    }

    function failed(turn, text, { withHelp = false, again = true, level = "polite" } = {}) {
      const content = copyOf("#bl-problem");
      $(".bl-message", content).textContent = text;
      if (!again) $("[data-do=retry]", content).parentElement.remove();
      $(".bl-state-help", content).replaceChildren(withHelp ? help() : "");
      fill(turn, content);
      announce(text, level);
    }

    /** Seconds in words: "30 seconds", "2 minutes". */
    function spell(seconds) {
      const [value, unit] = seconds < 90 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
      return new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "long" }).format(value);
    }

    function remove(turn) {
      turns = turns.filter((other) => other !== turn);
      turn.node.remove();
      $(".bl-empty").hidden = turns.length > 0;
    }

    // --- the box -------------------------------------------------------------------------------------------------------

    function send() {
      const text = box.value.trim();
      if (working) return;
      if (!text) {
        hinted(words.empty);
        announce(words.empty);
        return void box.focus();
      }
      box.value = "";
      hinted();
      grow();
      box.focus();
      ask(text);
    }

    function grow() {
      box.style.height = "auto";
      box.style.height = `${Math.min(box.scrollHeight + 2, 180)}px`;
    }

    const number = (n) => n.toLocaleString(lang);
    box.addEventListener("input", () => {
      const count = box.value.length;
      const text = count > limit ? "over" : count > 0.8 * limit ? "count" : "";
      hinted(text && filled(text, { count: number(count), limit: number(limit) }));
      box.toggleAttribute("aria-invalid", count > limit);
      grow();
    });
    box.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return; // an input method is at work
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        send();
      }
      const last = turns.filter((turn) => turn.text).at(-1);
      if (event.key === "ArrowUp" && !box.value && last) {
        event.preventDefault();
        box.value = last.text;
        grow();
      }
      if (event.key === "F6" && turns.length) {
        event.preventDefault();
        $(".bl-answered", turns.at(-1).node).focus();
      }
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send();
    });

    for (const type of ["wheel", "touchmove"]) addEventListener(type, () => (moved = true), { passive: true });

    // --- citations, tools, the safety check ----------------------------------------------------------------------------

    function toggle(mark, open) {
      const passage = document.getElementById(mark.getAttribute("aria-controls"));
      if (!passage) return;
      passage.hidden = !(open ?? passage.hidden);
      mark.setAttribute("aria-expanded", String(!passage.hidden));
    }

    /** A reply as text to paste: what it says, where that comes from, and who says it. */
    function asText({ reply }) {
      const from = (one) => one.publications.map((p) => [p.title, p.publisher, p.year, p.url].filter(Boolean).join(", ")).join("; ");
      const sources = reply.sources.map((source) => `[${source.n}] ${source.title} (${from(source)})`);
      return [reply.answer_text, reply.get_help_if, sources.join("\n"), reply.disclaimer].filter(Boolean).join("\n\n");
    }

    async function copy(text, said, turn) {
      const line = $(".bl-said", turn.node);
      line.textContent = await navigator.clipboard.writeText(text).then(() => said, () => words.not_copied);
      announce(line.textContent);
    }

    function print(turn) {
      turn.node.classList.add("bl-printed");
      document.documentElement.classList.add("bl-print-one");
      addEventListener("afterprint", () => {
        turn.node.classList.remove("bl-printed");
        document.documentElement.classList.remove("bl-print-one");
      }, { once: true });
      window.print();
    }

    const tools = {
      stop: () => working?.stop.abort(),
      retry: (turn) => working || run(turn),
      clear,
      undo,
      print,
      copy: (turn) => copy(asText(turn), words.copied, turn),
      share: (turn) => copy(`${location.origin}/#topic=${turn.reply.sources[0].document}`, words.shared, turn),
      simpler(turn) {
        if (working) return;
        const place = turns.indexOf(turn) + 1;
        const next = addTurn(words.simpler);
        next.before = place;
        run(next);
        box.focus();
      },
    };

    function helpful(button, turn) {
      for (const other of button.parentElement.querySelectorAll("[data-helpful]")) other.setAttribute("aria-pressed", String(other === button));
      const body = JSON.stringify({ id: turn.reply.id, helpful: button.dataset.helpful === "yes" });
      fetch("/api/v1/feedback", { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive: true }).catch(() => {}); // a count that is lost harms nobody
      $(".bl-said", turn.node).textContent = words.thanks;
      announce(words.thanks);
    }

    function openCheck(open) {
      const button = $("#bl-check-title");
      $("#bl-check-panel").hidden = !open;
      button.setAttribute("aria-expanded", String(open));
      if (open) $("#bl-check-form input[type=radio]").focus();
      else button.focus();
    }

    app.addEventListener("submit", (event) => {
      if (event.target.id !== "bl-check-form") return;
      event.preventDefault();
      if (working) return;
      const answers = [...event.target.querySelectorAll("input[value=yes]:checked")].map((input) => [input.name, true]);
      openCheck(false);
      if (answers.length) return void ask("", Object.fromEntries(answers));
      forgetCleared();
      const turn = addTurn("");
      const line = document.createElement("p");
      line.className = "bl-message";
      line.textContent = words.check_none;
      fill(turn, line);
      show(turn.node);
      announce(words.check_none);
    });

    document.addEventListener("click", (event) => {
      const at = (selector) => event.target.closest(selector);
      const turn = turns.find((one) => one.node.contains(event.target));
      if (at("[data-ask]")) {
        box.focus();
        return void ask(at("[data-ask]").dataset.ask);
      }
      if (at(".bl-cite")) return toggle(at(".bl-cite"));
      if (at("[data-helpful]")) return helpful(at("[data-helpful]"), turn);
      if (at("[data-do]")) return tools[at("[data-do]").dataset.do]?.(turn ?? waiting());
      if (at("[data-size]")) return resize(Number(at("[data-size]").dataset.size));
      if (at("#bl-check-title")) return openCheck($("#bl-check-panel").hidden);
      if (at("[data-check-close]")) return openCheck(false);
      if (at("a.bl-help") && !navigator.onLine) {
        event.preventDefault();
        return tell(words.offline, { withHelp: true });
      }
      if (at("a[href='#bl-question']")) {
        event.preventDefault();
        box.focus();
      }
    });

    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (event.target.closest?.("#bl-check-panel")) {
        event.preventDefault();
        return openCheck(false);
      }
      const passage = event.target.closest?.(".bl-quote");
      const mark = event.target.closest?.(".bl-cite[aria-expanded=true]") ?? (passage && $(`.bl-cite[aria-controls="${CSS.escape(passage.id)}"]`));
      if (!mark) return;
      event.preventDefault(); // the panel then stays open
      toggle(mark, false);
      mark.focus();
    });

    function resize(step) {
      const root = document.documentElement;
      const now = SIZES.indexOf(Number(getComputedStyle(root).getPropertyValue("--bl-scale")) || 1);
      root.style.setProperty("--bl-scale", SIZES[Math.min(Math.max(now + step, 0), SIZES.length - 1)]);
    }

    // --- keeping and clearing ------------------------------------------------------------------------------------------

    const store = (act) => {
      try {
        return act(localStorage);
      } catch {
        return null; // a browser may refuse storage
      }
    };

    function save() {
      if (!keep?.checked) return;
      const kept = turns.filter((turn) => turn.html).map(({ text, yes, html, reply }) => ({ text, yes, html, reply }));
      return store((storage) => (storage.setItem(KEPT, JSON.stringify({ at: Date.now(), region: region(), turns: kept })), true));
    }

    function restore() {
      const kept = store((storage) => JSON.parse(storage.getItem(KEPT)));
      if (!kept) return;
      if (!(Date.now() - kept.at < KEEP_MS)) return store((storage) => storage.removeItem(KEPT));
      keep.checked = true;
      if (country) country.value = kept.region;
      bring(kept.turns);
      tell(words.restored);
    }

    /** Show turns that are whole, as they were. */
    function bring(list) {
      for (const { text, yes, html, reply } of list) {
        const turn = Object.assign(addTurn(text, yes), { html, reply, level: reply.level });
        turn.answer = { text: reply.answer_text, cited: reply.sources.map((s) => `${s.document}#${s.section}`), focus: reply.focus ?? null };
        draw(turn);
      }
    }

    keep?.addEventListener("change", () => {
      const done = keep.checked ? (store((storage) => (storage.setItem(KEPT, "null"), true)) ? words.kept : words.not_kept) : words.forgotten;
      if (keep.checked) save();
      else store((storage) => storage.removeItem(KEPT));
      if (done === words.not_kept) keep.checked = false;
      tell(done);
      announce(done);
    });

    function clear() {
      if (working) {
        working.stop.abort();
        failed(working.turn, words.stopped);
      }
      forgetCleared();
      cleared = { turns };
      turns = [];
      for (const turn of cleared.turns) turn.node.remove();
      $(".bl-empty").hidden = false;
      $("#bl-check-form").reset();
      store((storage) => storage.removeItem(KEPT));
      tell(words.cleared, { undo: cleared.turns.length > 0 });
      announce(words.cleared);
      box.focus();
      undoing = setTimeout(() => {
        if (document.activeElement === $("[data-do=undo]", state)) box.focus();
        forgetCleared();
        tell();
      }, UNDO_MS);
    }

    function undo() {
      if (!cleared) return;
      turns = cleared.turns;
      transcript.append(...turns.map((turn) => turn.node));
      $(".bl-empty").hidden = true;
      forgetCleared();
      save();
      box.focus();
      tell(words.back);
      announce(words.back);
    }

    function forgetCleared() {
      clearTimeout(undoing);
      cleared = null;
    }

    // --- the line to the server, and addresses that open a topic ---------------------------------------------------------

    const waiting = () => turns.find((turn) => turn.waits) ?? turns.at(-1);
    addEventListener("offline", () => {
      tell(words.offline, { withHelp: true });
      announce(words.offline);
    });
    addEventListener("online", () => {
      tell();
      const turn = turns.find((one) => one.waits);
      if (!turn) return;
      turn.waits = false;
      run(turn);
    });

    /** Ask the question that a topic answers. The topic's name comes from an address; its question comes from the corpus. */
    async function openTopic(id) {
      const response = /^[\w-]{1,80}$/.test(id) ? await fetch(`/api/v1/documents/${id}`).catch(() => null) : null;
      const section = response?.ok ? (await json(response)).sections?.[0] : null;
      if (section) return ask(section.heading ?? section.title);
      tell(words.no_topic);
    }

    function follow() {
      const wanted = new URLSearchParams(location.hash.slice(1));
      if (wanted.get("topic")) openTopic(wanted.get("topic"));
      else if (wanted.get("q")) {
        box.value = wanted.get("q").slice(0, limit); // filled in, never sent
        grow();
      }
    }
    addEventListener("hashchange", follow);
    country?.addEventListener("change", () => ($("a.bl-help").href = `/help?region=${region()}`));
    app.addEventListener("backline:topic", (event) => openTopic(event.detail));

    if (keep) restore();
    follow();
    app.dataset.ready = "";
  }

  // Gradio puts the page together with scripts: the conversation starts as soon as its element is there.
  function look() {
    const app = document.getElementById("bl-app");
    if (!app || app.dataset.ready !== undefined || !app.querySelector("#bl-question")) return false;
    start(app);
    return true;
  }
  if (!look()) {
    const watch = new MutationObserver(() => look() && watch.disconnect());
    watch.observe(document.documentElement, { childList: true, subtree: true });
  }
})();
