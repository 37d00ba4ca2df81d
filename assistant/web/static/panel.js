// The panel on a clinic's page: the clinic's colour, and messages to and from the page that holds it. A message counts only when it comes
// from the parent window, from an origin that the clinic listed, and in the agreed form. No text of a person is in any message.
"use strict";
(() => {
  const app = document.getElementById("bl-app");
  const root = document.documentElement;
  const listed = app.dataset.parent.split(" ").filter(Boolean);

  const allowed = (origin) => listed.includes(origin);
  const origins = () => {
    const told = [location.ancestorOrigins?.[0], document.referrer && new URL(document.referrer).origin].find((one) => one && allowed(one));
    return told ? [told] : listed;
  };
  let host = null; // the origin that spoke to us

  function tell(type, more = {}) {
    if (parent === window) return;
    for (const origin of host ? [host] : origins()) parent.postMessage({ backline: 1, type, ...more }, origin);
  }

  // --- the clinic's one colour ------------------------------------------------------------------------------------------

  const parse = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const write = (rgb) => `#${rgb.map((c) => Math.round(c).toString(16).padStart(2, "0")).join("")}`;
  const mix = (one, other, share) => one.map((c, n) => c + (other[n] - c) * share);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const [BLACK, WHITE] = [[0, 0, 0], [255, 255, 255]];

  /** The colour moved towards `end` until it stands out from every one of `grounds`. */
  function readable(color, end, grounds, least) {
    for (let share = 0; share <= 1; share += 0.02) {
      const tried = parse(write(mix(color, end, share))); // as it will be painted
      if (grounds.every((ground) => contrast(tried, ground) >= least)) return tried;
    }
    return end;
  }

  /** Everything that is tinted, from one colour: text on it and text in it reach 4.5:1 in light and dark. */
  function theme(hex) {
    if (!/^#[0-9a-f]{6}$/i.test(hex ?? "")) return;
    const color = parse(hex);
    const set = (name, value) => root.style.setProperty(`--bl-${name}`, write(value));
    const read = (name) => parse(getComputedStyle(root).getPropertyValue(`--bl-${name}`).trim());
    const on = contrast(color, WHITE) >= 4.5 ? WHITE : BLACK;
    const grounds = ["surface", "page", "soft"].map(read);
    const end = light(grounds[0]) > 0.5 ? BLACK : WHITE;
    set("accent", color);
    set("on-accent", on);
    set("hover", mix(color, on === WHITE ? BLACK : WHITE, 0.15));
    set("link", readable(color, end, grounds, 4.5));
    set("focus", readable(color, end, grounds, 4.5));
  }

  let color = app.dataset.color;
  function paint() {
    for (const name of ["accent", "on-accent", "hover", "link", "focus"]) root.style.removeProperty(`--bl-${name}`);
    theme(color);
  }
  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);

  // --- messages -----------------------------------------------------------------------------------------------------------

  const text = (value, form) => (typeof value === "string" && form.test(value) ? value : null);
  const topic = (value) => text(value, /^[\w-]{1,80}$/) && app.dispatchEvent(new CustomEvent("backline:topic", { detail: value }));
  const open = () => document.getElementById("bl-title").focus();
  const hear = {
    init(message) {
      app.dataset.region = text(message.region, /^([A-Z]{2}|unknown)$/) ?? app.dataset.region;
      root.dataset.scheme = text(message.scheme, /^(light|dark)$/) ?? "";
      color = text(message.color, /^#[0-9a-f]{6}$/i) ?? color;
      paint();
      topic(message.topic);
    },
    open,
    setTopic: (message) => topic(message.topic),
    setLang() {}, // English is all there is so far
  };
  addEventListener("message", (event) => {
    if (event.source !== parent || parent === window || !allowed(event.origin)) return;
    const { data } = event;
    if (data?.backline !== 1 || !Object.hasOwn(hear, data.type)) return;
    host = event.origin;
    hear[data.type](data);
  });

  app.addEventListener("backline:redflag", ({ detail }) => tell("redflag", { level: detail.level }));
  app.addEventListener("backline:error", ({ detail }) => tell("error", { kind: detail.kind }));
  document.getElementById("bl-close").addEventListener("click", () => tell("close"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) tell("close");
  });

  const flow = document.querySelector(".bl-flow") ?? app;
  let told = 0;
  const measure = () => {
    const height = Math.ceil(document.body.scrollHeight - flow.clientHeight + flow.scrollHeight);
    if (height !== told) tell("resize", { height: (told = height) });
  };
  const sizes = new ResizeObserver(measure);
  for (const child of [app, ...flow.children]) sizes.observe(child);
  tell("ready");
})();
