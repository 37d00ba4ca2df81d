// Backline in a clinic's page: a button in a shadow root. The conversation is an iframe of Backline's own origin, made when first opened.
// Nothing is stored (unless data-storage=session), nothing is fetched before opening, and nothing of the conversation is seen here.
(() => {
  "use strict";
  // Words, warning signs and emergency numbers: the server fills them in from the corpus.
  const SAFE = /*SAFE*/ {};
  const script = document.currentScript ?? document.querySelector("script[data-site]");
  if (!script || window.Backline) return;

  const ORIGIN = new URL(script.src).origin;
  const own = script.dataset;
  const valid = (value, pattern, otherwise = "") => (pattern.test(value ?? "") ? value : otherwise);
  const LANG = /^[a-z]{2,3}(-[a-z\d]{2,8})*$/i;
  const NAME = /^[a-z\d-]{1,64}$/i;
  const LENGTH = /^\d{1,4}(\.\d+)?(px|r?em|v[wh]|%)$/;
  const site = valid(own.site, NAME);
  const color = valid(own.color, /^#([a-f\d]{3}){1,2}$/i).replace(/^#(.)(.)(.)$/, "#$1$1$2$2$3$3");
  const scheme = valid(own.scheme, /^(light|dark)$/, "auto");
  const region = valid(own.region, /^[a-z]{2}$/i).toUpperCase();
  let lang = valid(own.lang, LANG, valid(document.documentElement.lang, LANG, "en"));
  let topic = valid(own.topic, NAME);

  const phone = matchMedia("(max-width:480px),(max-height:430px)");
  const off = new AbortController();
  let host, root, button, panel, cover, title, frame, inline, back, timer, shown, ready, failed, stale;

  // Whatever goes wrong stays here: the clinic's page never sees an exception of ours.
  const safely = (act) => (...values) => {
    try {
      act(...values);
    } catch (error) {
      console.warn("Backline:", error);
    }
  };
  const on = (target, name, act) => target.addEventListener(name, safely(act), { signal: off.signal });
  const tell = (name, detail) => host.dispatchEvent(new CustomEvent("backline:" + name, { bubbles: true, detail }));
  const post = (type, rest) => ready && frame.contentWindow.postMessage({ backline: 1, type, ...rest }, ORIGIN);
  const inside = () => panel.contains(root.activeElement);
  const wait = (ms, act) => {
    clearTimeout(timer);
    timer = setTimeout(safely(act), ms);
  };

  function el(name, values, ...children) {
    const made = document.createElement(name);
    for (const key in values) key in made ? (made[key] = values[key]) : made.setAttribute(key, values[key]);
    made.append(...children);
    return made;
  }

  function press(text, act, values) {
    const made = el("button", { type: "button", ...values }, text);
    on(made, "click", act);
    return made;
  }

  // Black or white, whichever is easier to read on a colour: at least 4.58 : 1 on any.
  function ink(hex) {
    const [r, g, b] = hex.match(/\w\w/g).map((c) => {
      const part = parseInt(c, 16) / 255;
      return part > 0.04045 ? ((part + 0.055) / 1.055) ** 2.4 : part / 12.92;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
  }

  // Sizes are px and em of our own root: `rem` would follow the page. `!important` on the host wins over whatever the page says of it.
  const CSS = `:host{all:initial!important;display:contents!important}
*{box-sizing:border-box;margin:0;font:inherit}
section{font:16px/1.45 var(--lb-font,system-ui,sans-serif);color:CanvasText}
button{min-height:44px;padding:8px 18px;border:2px solid var(--i);border-radius:var(--lb-radius,22px);background:var(--a);color:var(--i);font-weight:600;cursor:pointer;text-align:start}
#b::before{content:"";display:inline-block;width:13px;height:10px;margin-inline-end:10px;border:2px solid;border-radius:6px 6px 6px 0}
.f>*{box-shadow:0 3px 14px #0006}
:focus-visible{outline:3px solid #1a5fd0;outline-offset:2px;box-shadow:0 0 0 2px #fff}
dialog{position:relative;width:100%;height:600px;max-width:none;max-height:none;padding:0;border:1px solid #7c8a83;border-radius:14px;overflow:hidden}
.f{position:fixed;inset-block-end:var(--y);inset-inline-end:var(--x);z-index:var(--lb-z,2147483000);max-width:calc(100vw - 2*var(--x))}
.f dialog{position:absolute;inset-block:auto calc(100% + 12px);inset-inline:auto 0;width:min(410px,100vw - 2*var(--x));height:min(660px,100vh - 90px - var(--y))}
.s{inset-inline:var(--x) auto}
.s dialog{inset-inline:0 auto}
dialog:modal{position:fixed;inset:0;width:100%;height:100%;border:0;border-radius:0}
.i dialog{margin-top:12px}
iframe{width:100%;height:100%;border:0}
#c{position:absolute;inset:0;overflow:auto;padding:14px 18px;background:Canvas}
#c>*{margin-bottom:10px}
#c>div{display:flex;gap:10px;justify-content:space-between;align-items:start}
h2,h3,a{font-weight:700;padding:4px 0}
h2{font-size:1.2em}
ul{padding-inline-start:1.2em}
[hidden]{display:none!important}
@media print{section{display:none}}`;

  function dress() {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      root.adoptedStyleSheets = [sheet];
    } catch {
      // A browser from before 2023.
      root.append(el("style", { nonce: own.nonce ?? script.nonce }, CSS));
    }
  }

  const dial = (number) => (/[a-z]/i.test(number) ? number : el("a", { href: "tel:" + number.replace(/[^\d+]/g, "") }, number));
  const list = (rows) => el("ul", {}, ...rows.map((row) => el("li", {}, row)));

  // What stands in the panel's place while it loads, and when it cannot: then the warning signs and numbers, with the clinic's.
  function fill() {
    title = el("h2", { tabIndex: -1 }, SAFE.title);
    cover.replaceChildren(el("div", {}, title, press("Close", shut)), el("p", { role: "status" }, failed ? SAFE.failed : SAFE.opening));
    if (!failed) return;
    const number = SAFE.numbers[region] ?? SAFE.numbers.unknown;
    SAFE.signs.forEach(([heading, ...signs], n) => cover.append(el("h3", {}, heading, ...(n ? [] : [": ", dial(number)])), list(signs)));
    if (own.phone) cover.append(el("p", {}, "This clinic: ", dial(own.phone)));
    if (/^https?:/.test(own.booking)) cover.append(el("p", {}, el("a", { href: own.booking, target: "_blank", rel: "noopener" }, "Book an appointment")));
    cover.append(
      press("Try again", () => {
        load();
        title.focus();
      }),
    );
  }

  const address = (path) => new URL(path, script.src).href;

  function load() {
    ready = failed = stale = false;
    frame?.remove();
    fill();
    cover.hidden = false;
    frame = el("iframe", { src: address("embed/" + site), title: SAFE.title, inert: true, allow: "clipboard-write", referrerPolicy: "origin" });
    // Also loaded when the browser shows an error in its place.
    on(frame, "load", () => ready || wait(1000, missing));
    wait(5000, missing);
    panel.append(frame);
  }

  function fail(kind) {
    if (ready || failed) return;
    failed = true;
    const had = inside();
    fill();
    if (had) title.focus();
    tell("error", { kind });
  }

  // The panel did not answer. If the server says that this page may not show it, nothing is left here; else the safe page is shown.
  function missing() {
    wait(1500, () => fail("unreachable"));
    const asked = el("script", { src: address(`widget/${site}.js`), referrerPolicy: "origin", nonce: script.nonce });
    on(asked, "error", () => fail("unreachable"));
    on(asked, "load", () => {
      if (asked.dataset.listed !== "no") return fail("panel");
      tell("error", { kind: "refused" });
      destroy();
      console.warn(`Backline: the site "${site}" does not list ${location.origin}; add it to its file on ${ORIGIN}.`);
    });
    document.head.append(asked);
  }

  function display() {
    if (inline || !phone.matches) panel.open = true;
    else panel.showModal();
  }

  function focus() {
    if (!ready) return title.focus();
    frame.focus();
    post("open");
  }

  function open(quietly) {
    if (!shown) {
      const at = document.activeElement;
      back = at === document.body || at === host ? button : at;
      if (!frame || stale) load();
      display();
      turn(true);
    }
    if (quietly !== true) focus();
  }

  function shut() {
    if (!shown) return;
    const had = inside();
    panel.close();
    if (had) (back?.isConnected ? back : button).focus();
    turn(false);
  }

  function turn(now) {
    shown = now;
    button.setAttribute("aria-expanded", now);
    if (own.storage === "session") sessionStorage.backline = now;
    tell(now ? "open" : "close");
  }

  const toggle = () => (shown ? shut() : open());

  // A map, so that only a string names an entry.
  const SAYS = new Map(Object.entries({
    ready() {
      const had = inside();
      clearTimeout(timer);
      ready = true;
      frame.inert = false;
      cover.hidden = true;
      post("init", { lang, region, topic, scheme, color });
      if (had) focus();
    },
    close: shut,
    resize({ height }) {
      if (inline && height > 0) panel.style.height = Math.min(Math.max(height, 320), 1200) + "px";
    },
    redflag({ level }) {
      if (["soon", "urgent", "emergency"].includes(level)) tell("redflag", { level });
    },
    error({ kind }) {
      if (typeof kind !== "string" || !NAME.test(kind)) return;
      // A panel that was open for too long asks to be opened again: the next time it is loaded anew.
      stale ||= kind.startsWith("token-");
      tell("error", { kind });
    },
  }));

  function hear({ data, origin, source }) {
    if (frame && source === frame.contentWindow && origin === ORIGIN && data?.backline === 1) SAYS.get(data.type)?.(data);
  }

  function destroy() {
    off.abort();
    clearTimeout(timer);
    host.remove();
    delete window.Backline;
  }

  function start() {
    // Some themes hide what is :empty.
    host = el("backline-widget", {}, "\u200b");
    root = host.attachShadow({ mode: "open" });
    dress();
    button = press(own.label || SAFE.label, toggle, { id: "b", lang: own.label ? lang : "en", "aria-controls": "p", "aria-expanded": false });
    cover = el("div", { id: "c", dir: "ltr" });
    panel = el("dialog", { id: "p", "aria-label": SAFE.title }, cover);
    try {
      inline = own.target && document.querySelector(own.target);
    } catch {
      // Not a selector: it floats.
    }
    const box = el("section", { lang: "en", "aria-label": SAFE.title, className: `${inline ? "i" : "f"} ${own.position === "start" ? "s" : ""}` }, button, panel);
    box.dir = getComputedStyle(inline || document.body).direction;
    box.style.colorScheme = scheme === "auto" ? "light dark" : scheme;
    const accent = color || "#0b5d57";
    const values = { x: valid(own.offsetX, LENGTH, "20px"), y: valid(own.offsetY, LENGTH, "20px"), a: accent, i: ink(accent) };
    for (const name in values) box.style.setProperty("--" + name, values[name]);
    root.append(box);
    // Beside the body, not in it: a body that is transformed or replaced takes its children along.
    (inline || document.documentElement).append(host);

    on(root, "keydown", (event) => {
      if (event.key !== "Escape" || !shown) return;
      event.preventDefault();
      shut();
    });
    // The browser's own ways to close, such as the back gesture.
    on(panel, "close", () => panel.open || shut());
    on(phone, "change", () => {
      if (!shown) return;
      const had = inside() && root.activeElement;
      panel.close();
      display();
      if (had) had.focus();
    });
    on(window, "message", hear);

    window.Backline = {
      open: safely(() => open()),
      close: safely(shut),
      toggle: safely(toggle),
      setLang: safely((value) => LANG.test(value) && post("setLang", { lang: (lang = value) })),
      setTopic: safely((value) => NAME.test(value) && post("setTopic", { topic: (topic = value) })),
      destroy: safely(destroy),
    };
    tell("ready");
    if ((own.open === "yes" || (own.storage === "session" && sessionStorage.backline === "true")) && !phone.matches) open(true);
  }

  if (!site) console.warn("Backline: the script tag needs data-site.");
  else if (document.body) safely(start)();
  else on(document, "DOMContentLoaded", start);
})();
