// Leaves a page at once: by its buttons, or by Shift pressed three times. Pages work without it.
"use strict";

(() => {
  const SHIFT_WITHIN = 5000;
  // The chat is ended on the server, but nobody waits for that longer than this.
  const AT_MOST = 600;
  const site = document.querySelector("[data-neutral-site]").dataset.neutralSite;

  function go() {
    try {
      // Inside another page, that page is left with it.
      window.top.location.replace(site);
    } catch {
      window.location.replace(site);
    }
  }

  function leave() {
    document.title = "";
    document.body.replaceChildren();
    const ended = fetch("/chat/exit", {
      credentials: "same-origin", keepalive: true, redirect: "manual", cache: "no-store",
    });
    const longest = new Promise((done) => { window.setTimeout(done, AT_MOST); });
    Promise.race([ended, longest]).then(go, go);
  }

  let shifts = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift") { shifts = []; return; }
    if (event.repeat) return;
    const now = Date.now();
    shifts = [...shifts.filter((at) => now - at < SHIFT_WITHIN), now];
    if (shifts.length === 3) leave();
  });
  for (const link of document.querySelectorAll("[data-exit]")) {
    link.addEventListener("click", (event) => { event.preventDefault(); leave(); });
    link.addEventListener("keydown", (event) => {
      if (event.key === " " && link.getAttribute("role") === "button") {
        event.preventDefault();
        leave();
      }
    });
  }
  // A page that comes back from the browser's memory would show the chat again.
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  for (const note of document.querySelectorAll("[data-only-with-script]")) note.hidden = false;
  for (const note of document.querySelectorAll("[data-only-without-script]")) note.hidden = true;
})();
