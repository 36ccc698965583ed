// The chat without reloading: sends by fetch, gets late messages by server-sent events or by
// asking, and warns before the chat closes. The page works without this file.
"use strict";

(() => {
  const log = document.getElementById("log");
  const form = document.getElementById("answer");
  const box = document.getElementById("text");
  const status = document.getElementById("status");
  const problem = document.getElementById("problem");
  const problemWords = document.getElementById("problem-words");
  const choices = document.getElementById("choices");
  const choicesLegend = document.getElementById("choices-legend");
  const choicesList = document.getElementById("choices-list");
  const closing = document.getElementById("closing");
  const closingWords = document.getElementById("closing-words");
  const address = `/chat/conversations/${log.dataset.conversation}`;
  const LONGEST = Number(log.dataset.longest);
  const POLL_EVERY = 5000;
  const ASK_ALL_THE_SAME_EVERY = 60000;
  const WARN_BEFORE = 300;
  const WHO = { resident: "You", assistant: "Automated reply", officer: "Officer" };
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: "Europe/London", hour: "2-digit", minute: "2-digit",
  });

  // ---- The transcript ------------------------------------------------------------------------

  let newest = Math.max(0, ...[...log.children].map((line) => Number(line.dataset.id)));
  const waitingFor = new Set();
  // The same words sent again keep their id, so that they are never taken twice.
  let failed = null;
  let offered = onThePage();
  let labels = new Map(offered.list.map((one) => [one.value, one.label]));
  document.getElementById("look-again")?.remove();

  // What is on offer when the page comes.
  function onThePage() {
    const several = "several" in choicesList.dataset;
    const list = several
      ? [...choicesList.querySelectorAll("input")].map(
        (box) => ({ value: box.value, label: box.labels[0].textContent }))
      : [...choicesList.children].map((one) => ({ value: one.value, label: one.textContent }));
    return { list, several };
  }

  // A picked choice by its label, several by theirs; own words as they are.
  function inWords(text) {
    const parts = text.split(",").map((part) => part.trim());
    if (parts.every((part) => labels.has(part))) return parts.map((part) => labels.get(part)).join(", ");
    return text;
  }

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
      place(lineFor({ ...message, text: inWords(message.text) }), id);
      return;
    }
    place(lineFor(message), id);
    if (id === newest) offer(message.choices || [], message.several);
    if (!waitingFor.size) say("");
  }

  function offer(list, several = false) {
    offered = { list, several };
    if (list.length) labels = new Map(list.map((choice) => [choice.value, choice.label]));
    choicesLegend.textContent = several
      ? "Tick all that are right, or write your own below"
      : "Pick an answer, or write your own below";
    choicesList.className = several ? "govuk-checkboxes ds-choices__several" : "ds-choices__list";
    choicesList.replaceChildren(...list.map(several ? tickBox : pickButton));
    if (several) choicesList.append(button("pick", "several", "Send what I ticked"));
    choices.hidden = !list.length;
  }

  function button(name, value, words) {
    const made = document.createElement("button");
    made.className = "govuk-button govuk-button--secondary ds-choice";
    made.name = name;
    made.value = value;
    made.textContent = words;
    return made;
  }

  const pickButton = (choice) => button("choice", choice.value, choice.label);

  function tickBox(choice, at) {
    const item = document.createElement("div");
    item.className = "govuk-checkboxes__item";
    const tick = document.createElement("input");
    tick.className = "govuk-checkboxes__input";
    tick.type = "checkbox";
    tick.name = "several";
    tick.value = choice.value;
    tick.id = `several-${at + 1}`;
    const label = document.createElement("label");
    label.className = "govuk-label govuk-checkboxes__label";
    label.htmlFor = tick.id;
    label.textContent = choice.label;
    item.append(tick, label);
    return item;
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
    // A long question may be between it and what was pressed. The focus stays.
    if (words) problem.scrollIntoView({ block: "nearest" });
  }

  async function wrong(answer) {
    if (!answer) return "Your message was not sent. Check your connection, then send it again.";
    if (answer.status === 401) return "This chat has ended. Copy your words, then reload the page to start again.";
    if (answer.status === 403) return "Another chat is open in this browser now. Copy your words, then reload the page to start again.";
    if (answer.status === 413 || answer.status === 422) return "We could not use that message. It may be too long. Try to send it in parts.";
    if (answer.status === 429) {
      const told = await answer.json().catch(() => ({}));
      return told.detail || "That was a lot of messages in a short time. Wait a minute, then send it again.";
    }
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

  function tickAgain(text) {
    const ticked = new Set(text.split(",").map((part) => part.trim()));
    for (const tick of choicesList.querySelectorAll("input")) tick.checked = ticked.has(tick.value);
  }

  async function send(text, label) {
    const id = failed?.text === text ? failed.id : newId();
    failed = null;
    complain("");
    const line = lineFor({ from: "resident", text: label || text, sent_at: new Date().toISOString() });
    line.dataset.sent = text;
    log.append(line);
    const before = offered;
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
    if (answer?.status === 401 && !label) { sendInANewChat(text, id); return; }
    if (!answer?.ok && !line.dataset.id) {
      line.remove();
      failed = { text, id };
      if (label) { if (choices.hidden) { offer(before.list, before.several); tickAgain(text); } }
      else box.value = box.value.trim() ? `${text}\n${box.value}` : text;
      say("");
      complain(await wrong(answer));
      bringIntoView(problem);
      return;
    }
    const late = answer?.status !== 200 && newest === Number(line.dataset.id || newest);
    say(late ? "We have your message. The answer will show here. It may take a few minutes."
      : waitingFor.size ? status.textContent : "");
    if (closed) openAgain();
    (told.messages || []).forEach(take);
    staysOpen(told.open_for_seconds);
    bringIntoView(line);
  }

  // This chat is over: the form itself takes the words to the server, which opens another one.
  function sendInANewChat(text, id) {
    form.elements.client_message_id.value = id;
    box.value = box.value.trim() ? `${text}\n${box.value}` : text;
    form.submit();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = event.submitter?.name;
    if (name === "pick") {
      const ticked = [...choicesList.querySelectorAll("input:checked")].map((tick) => tick.value);
      if (!ticked.length) { complain("Tick at least one answer, or write your own words below."); return; }
      pick(ticked.join(", "));
      return;
    }
    if (name === "choice") { pick(event.submitter.value); return; }
    const text = box.value.trim();
    if (!text) { complain("Write a few words first, then press Send."); return; }
    if (text.length > LONGEST) {
      complain(`That message is too long. Send it in parts of up to ${LONGEST.toLocaleString("en-GB")} letters.`);
      return;
    }
    box.value = "";
    send(text, null);
  });

  // The pressed button goes away: the person's own press moves the focus, no message does.
  function pick(values) {
    form.focus({ preventScroll: true });
    send(values, inWords(values));
  }

  if (window.matchMedia("(hover: hover) and (pointer: fine)").matches) {
    for (const note of document.querySelectorAll("[data-only-with-keyboard]")) note.hidden = false;
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
  }

  // ---- The chat closes by itself -------------------------------------------------------------

  let closesAt = 0;
  let closed = false;

  function staysOpen(seconds) {
    if (seconds === undefined) return;
    // Counted from here: the clock of a phone may be wrong.
    closesAt = Date.now() + seconds * 1000;
    closing.hidden = true;
  }

  function watchTheTime() {
    const left = (closesAt - Date.now()) / 1000;
    if (closed || left > WARN_BEFORE) return;
    if (left <= 0) { close(); return; }
    if (!closing.hidden) return;
    const minutes = Math.max(1, Math.round(left / 60));
    closingWords.textContent = `This chat closes on this device in ${minutes === 1 ? "1 minute" : `${minutes} minutes`}, because you have not written for a while. What you sent us is kept. Your reference is ${log.dataset.reference}.`;
    closing.hidden = false;
  }

  // Whoever comes to the screen now may be somebody else.
  function close() {
    closed = true;
    source?.close();
    closing.hidden = true;
    log.replaceChildren();
    offer([]);
    say("");
    complain("This chat is closed on this device. Your messages are kept, and hidden here. To go on, write below and press Send. If you are someone else, reload the page first.");
  }

  function openAgain() {
    closed = false;
    complain("");
    listen();
  }

  document.getElementById("stay").addEventListener("click", async () => {
    try {
      const answer = await fetch(`${address}/stay`, { method: "POST", credentials: "same-origin" });
      if (answer.status === 401) { close(); return; }
      if (!answer.ok) throw new Error(answer.status);
      staysOpen((await answer.json()).open_for_seconds);
      say("The chat stays open.");
      form.focus({ preventScroll: true });
    } catch {
      complain("We could not keep the chat open. Check your connection, then try again.");
    }
  });
  staysOpen(Number(log.dataset.openFor));
  window.setInterval(watchTheTime, 10000);
  document.addEventListener("visibilitychange", watchTheTime);

  // ---- Late messages -------------------------------------------------------------------------

  let source = null;
  let timer = null;

  async function ask() {
    try {
      const answer = await fetch(`${address}/messages?after=${newest}`, { credentials: "same-origin" });
      if (answer.ok) (await answer.json()).messages.forEach(take);
      if (answer.status === 401 && !closed) close();
      if (answer.status === 404) window.clearInterval(timer);
    } catch { /* asked again later */ }
  }

  function askIfSeen() { if (!document.hidden && !closed) ask(); }

  function askEvery(pause) {
    window.clearInterval(timer);
    timer = window.setInterval(askIfSeen, pause);
  }

  function poll() {
    ask();
    askEvery(POLL_EVERY);
  }

  function listen() {
    if (!window.EventSource) { poll(); return; }
    // A stream may be open and yet bring nothing: a proxy holds it up, or the phone was asleep.
    askEvery(ASK_ALL_THE_SAME_EVERY);
    let tries = 0;
    source = new EventSource(`${address}/events?after=${newest}`);
    source.onopen = () => { tries = 0; };
    source.onmessage = (event) => {
      try { take(JSON.parse(event.data)); } catch { /* not a message */ }
    };
    source.addEventListener("closed", close);
    source.onerror = () => {
      tries += 1;
      // Closed for good (a proxy, an error page): ask instead.
      if (tries >= 3 || source.readyState === EventSource.CLOSED) { source.close(); poll(); }
    };
  }

  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("online", askIfSeen);
  document.addEventListener("visibilitychange", askIfSeen);
  listen();
})();
