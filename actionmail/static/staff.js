// Comforts for pages that are complete without them: a field is put in where one wrote last, and what is typed is kept.
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

// After a pause in typing the form is posted as its own button would, and the answer's live regions take the old ones' place.
const PAUSE = 800;
const typing = document.querySelector("form[data-keep]");
if (typing) {
  let timer, running;
  const keep = async () => {
    running?.abort();
    const mine = (running = new AbortController());
    const body = new FormData(typing);
    body.set("go", typing.dataset.keep);
    try {
      const answer = await fetch(window.location.href, { method: "POST", body, signal: mine.signal, redirect: "error" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!page.getElementById("kept")?.textContent) throw new Error("not kept");
      for (const region of document.querySelectorAll("[data-fresh]"))
        region.replaceChildren(...page.getElementById(region.id).childNodes);
    } catch {
      if (!mine.signal.aborted)
        document.getElementById("kept").textContent = "What you typed could not be kept just now. Save it before you leave.";
    }
  };
  typing.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  });
  typing.addEventListener("submit", () => {
    clearTimeout(timer);
    running?.abort();
  });
}
