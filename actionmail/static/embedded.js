// Within a page of another website: tell that page how high this one is, and when another one has come.
"use strict";

if (window.parent !== window) {
  // Nothing in it is anybody's, and only websites that the campaign names can be there at all.
  const tell = (what) => window.parent.postMessage(what, "*");
  tell({ actionmail: "page" });
  new ResizeObserver(() => {
    tell({ actionmail: "height", height: Math.ceil(document.documentElement.getBoundingClientRect().height) });
  }).observe(document.documentElement);
}
