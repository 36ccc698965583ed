// Looks for new texts once a second. New ones are added and states changed in place, so a
// screen reader hears each text once and nobody loses what they are writing.
"use strict";

const log = document.getElementById("log");
const trouble = document.getElementById("trouble");
const compose = document.getElementById("compose");
const body = document.getElementById("body");

function toTheEnd() {
  log.scrollTop = log.scrollHeight;
}

function show(page) {
  const fresh = page.getElementById("log");
  const texts = [...fresh.querySelectorAll("[data-sid]")];
  const known = [...log.querySelectorAll("[data-sid]")];
  const sids = new Set(texts.map((text) => text.dataset.sid));
  if (texts.length === 0 || known.some((text) => !sids.has(text.dataset.sid))) {
    if (log.innerHTML !== fresh.innerHTML) log.replaceChildren(...fresh.children);
  } else {
    log.querySelector(".nothing")?.remove();
    const atTheEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    for (const text of texts) {
      const old = known.find((one) => one.dataset.sid === text.dataset.sid);
      text.removeAttribute("id");
      if (!old) {
        log.append(text);
      } else {
        const state = old.querySelector(".state");
        const now = text.querySelector(".state");
        if (state.innerHTML !== now.innerHTML) state.innerHTML = now.innerHTML;
        if (old.className !== text.className) old.className = text.className;
      }
    }
    if (atTheEnd) toTheEnd();
  }
  for (const id of ["network", "opted-out"]) {
    const old = document.getElementById(id);
    const now = page.getElementById(id);
    if (old.innerHTML !== now.innerHTML) old.innerHTML = now.innerHTML;
  }
}

function tell(words) {
  if (trouble.textContent !== words) trouble.textContent = words;
}

async function look() {
  try {
    const answer = await fetch(location.pathname + location.search);
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    tell("");
  } catch {
    tell("The simulated phone does not answer. It will go on when it is back.");
  }
}

compose.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new URLSearchParams(new FormData(compose));
  body.value = "";
  try {
    const sending = fetch(compose.action, { method: "POST", body: form, redirect: "manual" });
    setTimeout(look, 100);
    await sending;
  } catch {
    body.value = form.get("body");
  }
  await look();
  toTheEnd();
});

body.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    compose.requestSubmit();
  }
});

toTheEnd();
setInterval(look, 1000);
