// One comfort for the letter's page, which is complete without it: a field is put in where one wrote last.
"use strict";

const areas = document.querySelectorAll("main form textarea");
let last = document.getElementById("body");
for (const area of areas) area.addEventListener("focus", () => (last = area));
for (const part of document.querySelectorAll("[data-with-scripts]")) part.hidden = false;
for (const button of document.querySelectorAll("[data-insert]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    last.setRangeText(button.dataset.insert, last.selectionStart, last.selectionEnd, "end");
    last.focus();
  });
}
