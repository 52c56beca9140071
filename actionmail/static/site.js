// Two comforts for pages that are complete without them: live previews with counters, and focus on what went wrong.
"use strict";

// Where the browser did not follow the summary's own autofocus.
window.addEventListener("load", () =>
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) document.querySelector("[data-focus]")?.focus();
  }),
);

for (const area of document.querySelectorAll("textarea[data-limit]")) {
  const count = document.getElementById(`${area.id}-count`);
  const limit = Number(area.dataset.limit);
  const say = () => {
    const beyond = area.value.length - limit;
    const [words, number] = beyond > 0 ? [count.dataset.beyond, beyond] : [count.dataset.within, area.value.length];
    count.textContent = words.replace("{}", number.toLocaleString("en-US"));
    count.classList.toggle("over", beyond > 0);
  };
  area.addEventListener("input", say);
  window.addEventListener("pageshow", say);
}

const form = document.querySelector("[data-letter-form]");
if (form) {
  // As the server tidies: no spaces at line ends, at most one empty line, none at either end.
  const tidy = (text) =>
    text
      .split("\n")
      .map((line) => line.trimEnd())
      .join("\n")
      .replace(/\n{3,}/g, "\n\n")
      .replace(/^\n+|\n+$/g, "");
  const refresh = (field) => {
    for (const part of document.querySelectorAll("[data-live]")) {
      if (part.dataset.live !== field.name) continue;
      part.textContent = tidy(field.value);
      part.hidden = part.textContent === "";
    }
  };
  const fields = form.querySelectorAll("textarea, input[name^=subject_]");
  for (const field of fields) field.addEventListener("input", () => refresh(field));
  window.addEventListener("pageshow", () => fields.forEach(refresh)); // the back button puts typed words in again
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const said = document.getElementById(button.dataset.says);
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      said.textContent = button.dataset.copied || said.dataset.copied;
    } catch {
      said.textContent = said.dataset.failed;
    }
  });
}

// The device's own way to share, where there is one.
if (navigator.share) {
  for (const button of document.querySelectorAll("[data-native]")) {
    const { native: url, title, text } = button.dataset;
    if (navigator.canShare && !navigator.canShare({ url, title, text })) continue;
    button.closest("[data-native-item]").hidden = false;
    button.addEventListener("click", () => navigator.share({ url, title, text }).catch(() => {})); // closed again
  }
}
