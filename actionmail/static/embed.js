// One line in a page of another website shows a campaign within it:
// <script src="https://act.example.org/embed.js" data-campaign="ab969" async></script>
"use strict";

(() => {
  const script = document.currentScript;
  const site = new URL(script.src).origin;
  const { campaign, title, ...options } = script.dataset;
  const address = new URL(`embed/${encodeURIComponent(campaign)}`, script.src); // beside this file, also below a path
  for (const [name, value] of Object.entries(options)) address.searchParams.set(name, value);

  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = title || "Take part";
  frame.style.cssText = "width: 100%; height: 40rem; border: 0; display: block";
  script.after(frame);

  let pages = 0;
  window.addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== site) return;
    const { actionmail, height } = event.data ?? {};
    if (actionmail === "height" && Number.isFinite(height)) frame.style.height = `${Math.min(Math.max(height, 100), 20000)}px`;
    // The next step begins at its top, which may lie above what is seen.
    if (actionmail === "page" && pages++ && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
  });
})();
