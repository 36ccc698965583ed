// The chat without reloading: sends by fetch, gets late messages by server-sent events or by
// asking, and leaves the page on Shift pressed three times. The page works without this file.
"use strict";

(() => {
  const log = document.getElementById("log");
  const form = document.getElementById("answer");
  const box = document.getElementById("text");
  const status = document.getElementById("status");
  const problem = document.getElementById("problem");
  const problemWords = document.getElementById("problem-words");
  const choices = document.getElementById("choices");
  const choicesList = document.getElementById("choices-list");
  const address = `/chat/conversations/${log.dataset.conversation}`;
  const LONGEST = Number(log.dataset.longest);
  const POLL_EVERY = 5000;
  const SHIFT_WITHIN = 5000;
  const WHO = { resident: "You", assistant: "Automated reply", officer: "Officer" };
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: "Europe/London", hour: "2-digit", minute: "2-digit",
  });

  // ---- Leaving -------------------------------------------------------------------------------

  function leave() {
    document.title = "";
    document.body.replaceChildren();
    window.location.replace("/chat/exit");
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

  // ---- The transcript ------------------------------------------------------------------------

  let newest = Math.max(0, ...[...log.children].map((line) => Number(line.dataset.id)));
  const waitingFor = new Set();
  // The same words sent again keep their id, so that they are never taken twice.
  let failed = null;
  let labels = new Map([...choicesList.children].map((one) => [one.value, one.textContent]));
  document.getElementById("look-again")?.remove();

  const lineOf = (id) => log.querySelector(`[data-id="${id}"]`);

  function paragraphs(text) {
    return text.trim().split(/\n\s*\n/).map((block) => {
      const paragraph = document.createElement("p");
      paragraph.className = "ds-words";
      paragraph.dir = "auto";
      block.trim().split("\n").forEach((line, at) => {
        if (at) paragraph.append(document.createElement("br"));
        paragraph.append(line);
      });
      return paragraph;
    });
  }

  function lineFor(message) {
    const line = document.createElement("li");
    line.className = `ds-message ds-message--${message.from}`;
    const who = document.createElement("p");
    who.className = "ds-message__who";
    const when = document.createElement("time");
    when.className = "ds-message__when";
    when.dateTime = message.sent_at;
    when.textContent = clock.format(new Date(message.sent_at));
    who.append(`${WHO[message.from] || "Officer"} `, when);
    line.append(who, ...paragraphs(message.text));
    if (message.choices?.length) {
      const heard = document.createElement("p");
      heard.className = "govuk-visually-hidden";
      heard.textContent = `You can answer: ${message.choices.map((one) => one.label).join("; ")}.`;
      line.append(heard);
    }
    return line;
  }

  // Lines stand in the order of their ids; what is still being sent has none and stands last.
  function place(line, id) {
    line.dataset.id = id;
    const after = [...log.children].find((other) => Number(other.dataset.id) > id);
    log.insertBefore(line, after || null);
    newest = Math.max(newest, id);
  }

  function take(message) {
    const id = Number(message.id);
    if (lineOf(id)) return;
    if (message.from === "resident") {
      const mine = [...log.children].find(
        (line) => !line.dataset.id && line.dataset.sent === message.text);
      if (mine) { mine.dataset.id = id; newest = Math.max(newest, id); return; }
      if (failed?.text === message.text) arrivedAfterAll();
      place(lineFor({ ...message, text: labels.get(message.text) || message.text }), id);
      return;
    }
    place(lineFor(message), id);
    if (id === newest) offer(message.choices || []);
    if (!waitingFor.size) say("");
  }

  function offer(list) {
    if (list.length) labels = new Map(list.map((choice) => [choice.value, choice.label]));
    choicesList.replaceChildren(...list.map((choice) => {
      const button = document.createElement("button");
      button.className = "govuk-button govuk-button--secondary ds-choice";
      button.name = "choice";
      button.value = choice.value;
      button.textContent = choice.label;
      return button;
    }));
    choices.hidden = !list.length;
  }

  // Shows the newest words without moving the focus; a long turn is shown from its start.
  function bringIntoView(turn) {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const behavior = calm ? "auto" : "smooth";
    const height = form.getBoundingClientRect().bottom - turn.getBoundingClientRect().top;
    if (height > window.innerHeight) turn.scrollIntoView({ block: "start", behavior });
    else form.scrollIntoView({ block: "end", behavior });
  }

  // ---- What is said about the chat -----------------------------------------------------------

  function say(words) { if (status.textContent !== words) status.textContent = words; }

  function complain(words) {
    problemWords.textContent = words;
    problem.hidden = !words;
  }

  function wrong(answer) {
    if (!answer) return "Your message was not sent. Check your connection, then send it again.";
    if (answer.status === 401) return "This chat has ended. Copy your words, then reload the page to start again.";
    if (answer.status === 403) return "Another chat is open in this browser now. Copy your words, then reload the page to start again.";
    if (answer.status === 413 || answer.status === 422) return "We could not use that message. It may be too long. Try to send it in parts.";
    if (answer.status === 429) return "That was a lot of messages in a short time. Wait a minute, then send it again.";
    return "Something went wrong on our side. Your message may not have reached us. Please send it again.";
  }

  // ---- Sending -------------------------------------------------------------------------------

  // Only the answer was lost on the way: the message itself is there.
  function arrivedAfterAll() {
    if (box.value.trim() === failed.text) box.value = "";
    failed = null;
    complain("");
  }

  function newId() {
    if (window.crypto?.randomUUID) return window.crypto.randomUUID();
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function send(text, label) {
    const id = failed?.text === text ? failed.id : newId();
    failed = null;
    complain("");
    const line = lineFor({ from: "resident", text: label || text, sent_at: new Date().toISOString() });
    line.dataset.sent = text;
    log.append(line);
    const offered = [...choicesList.children].map(
      (button) => ({ value: button.value, label: button.textContent }));
    offer([]);
    waitingFor.add(id);
    say("Writing a reply…");
    bringIntoView(line);
    let answer = null;
    let told = { messages: [] };
    try {
      answer = await fetch(`${address}/messages`, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ client_message_id: id, text }),
      });
      if (answer.ok) told = await answer.json();
    } catch {
      answer = null;
    }
    waitingFor.delete(id);
    if (!answer?.ok && !line.dataset.id) {
      line.remove();
      failed = { text, id };
      if (label) { if (choices.hidden) offer(offered); }
      else box.value = box.value.trim() ? `${text}\n${box.value}` : text;
      say("");
      complain(wrong(answer));
      bringIntoView(problem);
      return;
    }
    const late = answer?.status !== 200 && newest === Number(line.dataset.id || newest);
    say(late ? "We have your message. The answer will show here. It may take a few minutes."
      : waitingFor.size ? status.textContent : "");
    (told.messages || []).forEach(take);
    bringIntoView(line);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const picked = event.submitter?.name === "choice" ? event.submitter : null;
    const text = picked ? picked.value : box.value.trim();
    if (!text) { complain("Write a few words first, then press Send."); return; }
    if (text.length > LONGEST) {
      complain(`That message is too long. Send it in parts of up to ${LONGEST.toLocaleString("en-GB")} letters.`);
      return;
    }
    if (picked) {
      // The pressed button goes away: the person's own press moves the focus, no message does.
      const label = picked.textContent;
      form.focus({ preventScroll: true });
      send(text, label);
    } else {
      box.value = "";
      send(text, null);
    }
  });

  if (window.matchMedia("(hover: hover) and (pointer: fine)").matches) {
    for (const note of document.querySelectorAll("[data-only-with-keyboard]")) note.hidden = false;
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
  }

  // ---- Late messages -------------------------------------------------------------------------

  async function ask() {
    try {
      const answer = await fetch(`${address}/messages?after=${newest}`, { credentials: "same-origin" });
      if (answer.ok) (await answer.json()).messages.forEach(take);
      return answer.status;
    } catch {
      return 0;
    }
  }

  function poll() {
    ask();
    const timer = window.setInterval(async () => {
      if (document.hidden) return;
      const code = await ask();
      if (code === 401 || code === 404) window.clearInterval(timer);
    }, POLL_EVERY);
  }

  function listen() {
    if (!window.EventSource) { poll(); return; }
    let tries = 0;
    let source = null;
    function open() {
      source = new EventSource(`${address}/events?after=${newest}`);
      source.onopen = () => { tries = 0; };
      source.onmessage = (event) => {
        try { take(JSON.parse(event.data)); } catch { /* not a message */ }
      };
      source.onerror = () => {
        tries += 1;
        // Closed for good (a proxy, an error page): ask instead.
        if (tries >= 3 || source.readyState === EventSource.CLOSED) { source.close(); poll(); }
      };
    }
    open();
    window.addEventListener("pagehide", () => source.close());
  }
  listen();
})();
