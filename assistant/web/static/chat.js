// The chat page: suggestions fill and send the box, citations open their passage, and what is new is said once.
// Everything that is shown was rendered and escaped on the server; nothing here builds HTML from text.
"use strict";
(() => {
  const find = (selector) => document.querySelector(selector);
  const box = () => find("#bl-question textarea, #bl-question input");

  const status = document.createElement("div");
  status.className = "bl-sr";
  status.setAttribute("role", "status");
  const alarm = document.createElement("div");
  alarm.className = "bl-sr";
  alarm.setAttribute("role", "alert");
  document.body.append(status, alarm);

  function fill(field, text) {
    const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set;
    setter.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function ask(text) {
    const field = box();
    if (!field) return;
    fill(field, text);
    field.focus();
    setTimeout(() => find("#bl-send")?.click(), 30);
  }

  // The safety check: a button that opens the form, and the form, whose answers go with the conversation.
  function openCheck(open) {
    const button = find("#bl-check-title");
    find("#bl-check-panel").hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) find("#bl-check-form input[type='radio']").focus();
    else button.focus();
  }

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "bl-check-form") return;
    const field = find("#bl-answers textarea, #bl-answers input");
    if (!field) return; // the form then posts itself to its own page
    event.preventDefault();
    const yes = [...event.target.querySelectorAll("input[value='yes']:checked")].map((input) => [input.name, true]);
    fill(field, JSON.stringify(Object.fromEntries(yes)));
    openCheck(false);
    setTimeout(() => find("#bl-check-send")?.click(), 30);
  });

  function toggle(mark, open) {
    const passage = document.getElementById(mark.getAttribute("aria-controls"));
    if (!passage) return;
    const show = open ?? passage.hidden;
    passage.hidden = !show;
    mark.setAttribute("aria-expanded", String(show));
  }

  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-ask]");
    if (chip) return ask(chip.dataset.ask);
    const mark = event.target.closest(".bl-cite");
    if (mark) return toggle(mark);
    const check = event.target.closest("#bl-check-title, [data-check-close]");
    if (check) return openCheck(check.id === "bl-check-title" && find("#bl-check-panel").hidden);
    if (event.target.closest("#bl-clear")) find("#bl-check-form")?.reset();
    const skip = event.target.closest("a[href='#bl-question']");
    if (skip) {
      event.preventDefault();
      box()?.focus();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (event.target.closest?.("#bl-check-panel")) return openCheck(false);
    const passage = event.target.closest?.(".bl-quote");
    const mark = event.target.closest?.(".bl-cite[aria-expanded='true']") ?? (passage && find(`.bl-cite[aria-controls='${passage.id}']`));
    if (mark) {
      toggle(mark, false);
      mark.focus();
    }
  });

  let said = "";
  function announce() {
    const turn = find(".bl-turn[data-last]");
    const key = turn ? `${document.querySelectorAll(".bl-turn").length}` : "";
    if (key === said) return;
    said = key;
    if (!turn) return;
    const card = turn.querySelector(".bl-card-emergency, .bl-card-urgent");
    const lead = turn.querySelector(".bl-lead, .bl-message");
    const sources = turn.querySelectorAll(".bl-cite").length;
    if (card) alarm.textContent = `${card.querySelector("h3").textContent}. ${card.querySelector(".bl-action").textContent}`;
    else if (lead) status.textContent = `${lead.firstChild.textContent.trim()}${sources ? ` ${sources} sources.` : ""}`;
    turn.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }
  new MutationObserver(announce).observe(document.body, { childList: true, subtree: true });

  function describe() {
    const field = box();
    if (!field) return void setTimeout(describe, 200);
    field.setAttribute("aria-describedby", "bl-disclaimer");
    field.setAttribute("enterkeyhint", "send");
    const topic = new URLSearchParams(location.hash.slice(1)).get("q");
    if (topic) {
      fill(field, topic.slice(0, 500));
    }
  }
  describe();
})();
