// Comfort above a sheet: a button that prints, and buttons that move an exercise up or down. Without it, the form does the same with numbers.
"use strict";
const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
const rows = document.querySelector("[data-rows]");
const place = (row) => row.querySelector('input[name^="place."]');
const renumber = () => [...rows.children].forEach((row, n) => { place(row).value = n + 1; });
const mover = (row, sign, name) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "bl-move";
  button.textContent = sign < 0 ? "↑" : "↓";
  button.setAttribute("aria-label", `${sign < 0 ? "Move up" : "Move down"}: ${name}`);
  button.addEventListener("click", () => {
    const other = sign < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (sign < 0) other.before(row); else other.after(row);
    renumber();
    button.focus();
  });
  return button;
};
for (const row of rows ? rows.children : []) {
  const name = row.querySelector("legend").textContent;
  place(row).parentElement.hidden = true;
  row.append(mover(row, -1, name), mover(row, 1, name));
}
