/* Faster moderation pages: keyboard shortcuts, focus, announcements and claims. Everything here works without this script,
   by the same forms; decisions are sent by htmx (see the data-hx- attributes in the templates), and this file only presses
   the buttons, moves the focus and says what happened. */
(function () {
  "use strict";

  const STORE = "moderation-keys";
  const USUAL = {next: "j", previous: "k", publish: "p", return: "r", reject: "n", spam: "s", undo: "z", help: "?"};
  // A bouncing key or a second press must not decide on the card that has just moved up.
  const SETTLING = 400;
  // A card in focus this long is claimed, and colleagues see that it is open.
  const READING = 1500;
  const RENEWAL = 4 * 60 * 1000;

  const $ = id => document.getElementById(id);
  const queue = () => $("queue");
  const cards = () => queue() ? [...queue().querySelectorAll(".queue-card:not([data-over])")] : [];
  const current = () => document.activeElement ? document.activeElement.closest(".queue-card") : null;

  let settings = load();
  let claimed = null, reading = 0, renewing = 0, goingTo = null;

  // Settings

  function load() {
    const kept = {on: true, keys: {...USUAL}};
    try {
      const stored = JSON.parse(localStorage.getItem(STORE)) || {};
      kept.on = stored.on !== false;
      for (const name of Object.keys(USUAL)) {
        const key = (stored.keys || {})[name];
        if (typeof key === "string" && key.length <= 1) kept.keys[name] = key;
      }
    } catch { /* Private windows and broken values: the default keys. */ }
    return kept;
  }

  function save() {
    try { localStorage.setItem(STORE, JSON.stringify(settings)); } catch { /* Without storage they last until the page is left. */ }
  }

  // Announcements

  function say(words) {
    const region = $("announcement");
    if (!region) return;
    region.textContent = "";
    // Emptied first, so that the same words are read out a second time.
    requestAnimationFrame(() => { region.textContent = words; });
  }

  function undoHint() {
    return settings.on && settings.keys.undo ? ` Undo with ${settings.keys.undo.toUpperCase()}.` : "";
  }

  // Focus

  function focus(card) {
    if (!card) return;
    delete card.dataset.ready;
    card.focus({preventScroll: true});
    card.scrollIntoView({block: "start"});
    setTimeout(() => { card.dataset.ready = ""; }, SETTLING);
  }

  function step(by) {
    const all = cards(), place = all.indexOf(current());
    if (!all.length) return more();
    const goal = place < 0 ? (by > 0 ? 0 : all.length - 1) : place + by;
    if (goal >= all.length && queue().dataset.next) return more();
    if (all[goal]) focus(all[goal]);
    else say(by > 0 ? "This is the last post here." : "This is the first post here.");
  }

  // The next cards, without a new page

  function more() {
    const search = new URLSearchParams(location.search);
    search.delete("from");
    search.delete("to");
    const address = queue().dataset.next || `${location.pathname}?${search}`;
    return htmx.ajax("GET", address, {target: "#queue", select: "#queue", swap: "outerHTML"}).then(() => {
      const first = cards()[0] || $("nothing");
      if (first && first.matches(".queue-card")) focus(first);
      else if (first) first.focus();
    });
  }

  // Decisions

  function decide(card, name) {
    if (!card) return say(`Choose a post first${settings.keys.next ? `, with ${settings.keys.next.toUpperCase()}` : ""}.`);
    if (!("ready" in card.dataset) || card.querySelector(".htmx-request")) return;
    const box = card.querySelector(".answer-box");
    if (name === "publish" || name === "spam") {
      const button = card.querySelector(`.quick button[value="${name}"]`);
      if (button) button.click();
    } else if (box) {
      box.open = true;
      box.dataset.move = name;
      const list = box.querySelector("select"), words = box.querySelector("textarea");
      (list && list.options.length > 1 ? list : words).focus();
      take(card);
    }
  }

  function undo() {
    const button = document.querySelector("#last-decision .undo button");
    if (button) button.click();
    else say("There is nothing to undo.");
  }

  // Claims

  function send(address, values) {
    const form = new FormData(), token = document.querySelector("[name=csrfmiddlewaretoken]");
    if (token) form.append("csrfmiddlewaretoken", token.value);
    for (const [name, value] of Object.entries(values)) form.append(name, value);
    return form;
  }

  function take(card) {
    if (!card.dataset.claim) return;
    if (claimed && claimed !== card) release();
    claimed = card;
    clearInterval(renewing);
    renewing = setInterval(() => { if (document.visibilityState === "visible") renew(card); }, RENEWAL);
    renew(card);
  }

  function renew(card) {
    fetch(card.dataset.claim, {method: "POST", body: send("", {}), headers: {"HX-Request": "true"}, redirect: "error"})
      .then(answer => answer.ok ? answer.text() : "")
      .then(words => {
        const place = card.querySelector(".claim"), before = place.textContent.trim();
        const parsed = new DOMParser().parseFromString(words, "text/html").body;
        place.replaceChildren(...parsed.childNodes);
        const now = place.textContent.trim();
        if (now && now !== before) say(now);
      })
      .catch(() => {});
  }

  function release() {
    if (claimed && claimed.dataset.release) navigator.sendBeacon(claimed.dataset.release, send("", {beacon: "1"}));
    claimed = null;
    clearInterval(renewing);
  }

  // Keys

  function typing(target) {
    if (target.closest("dialog, textarea, select, [contenteditable]")) return true;
    return target.matches("input") && !["checkbox", "radio", "button", "submit"].includes(target.type);
  }

  function pressed(event) {
    const box = event.target.closest ? event.target.closest(".answer-box") : null;
    if (box && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const button = box.querySelector(`button[value="${box.dataset.move || "return"}"]`);
      event.preventDefault();
      return button && button.click();
    }
    if (box && event.key === "Escape") {
      box.open = false;
      release();
      return focus(box.closest(".queue-card"));
    }
    if (!settings.on || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key.length !== 1 || typing(event.target) || document.querySelector("dialog[open]")) return;
    const name = Object.keys(USUAL).find(one => settings.keys[one] && settings.keys[one] === event.key.toLowerCase());
    if (!name) return;
    event.preventDefault();
    ({next: () => step(1), previous: () => step(-1), undo, help})[name]?.();
    if (["publish", "return", "reject", "spam"].includes(name)) decide(current(), name);
  }

  // The dialog

  const fields = () => [...$("keys").querySelectorAll("[data-key]")];

  function help() {
    const dialog = $("keys");
    if (!dialog || dialog.open) return;
    show(settings);
    dialog.showModal();
    $("keys-title").focus();
  }

  function show(values) {
    $("keys-on").checked = values.on;
    for (const field of fields()) field.value = values.keys[field.dataset.key];
    wrong("");
  }

  function wrong(words) {
    $("keys-error").textContent = words;
    $("keys-error").hidden = !words;
  }

  function saved(event) {
    event.preventDefault();
    const chosen = fields().map(field => [field.dataset.key, field.value.trim().toLowerCase()]);
    const taken = chosen.map(pair => pair[1]).filter(Boolean);
    const twice = taken.find((key, place) => taken.indexOf(key) !== place);
    if (twice) return wrong(`“${twice}” is used twice. Give each action its own key, or none.`);
    settings = {on: $("keys-on").checked, keys: Object.fromEntries(chosen)};
    save();
    $("keys").close();
    say(settings.on ? "The shortcuts are saved." : "The shortcuts are off.");
  }

  // htmx events

  function neighbour(card) {
    const all = cards(), place = all.indexOf(card);
    return all[place + 1] || all[place - 1] || null;
  }

  document.addEventListener("htmx:beforeRequest", event => {
    const card = event.target.closest(".queue-card");
    if (card) goingTo = neighbour(card);
  });

  document.addEventListener("decided", event => {
    claimed = null;
    clearInterval(renewing);
    say(event.detail.said + (event.detail.undo ? undoHint() : ""));
    const next = goingTo;
    goingTo = null;
    // After the card has gone.
    setTimeout(() => {
      if (next && next.isConnected) focus(next);
      else more();
    });
  });

  document.addEventListener("undone", event => {
    say(event.detail.said);
    setTimeout(() => focus(cards()[0]));
  });

  document.addEventListener("htmx:afterSwap", event => {
    const status = event.detail.xhr.status;
    if (status !== 409 && status !== 422) return;
    const card = event.target.closest(".queue-card, #last-decision") || event.target;
    const wrongField = card.querySelector ? card.querySelector("[aria-invalid=true]") : null;
    if (wrongField) wrongField.focus();
    else focus(card);
    const heading = card.querySelector(".error") || card.querySelector("h3, p");
    if (heading) say(heading.textContent.trim());
  });

  // No response, or one that is not a fragment: submit the form as a browser does, and show the response.
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => {
      say("That did not work, and the page cannot tell whether it counts. Please load the page again.");
    });
  }

  document.addEventListener("focusin", () => {
    clearTimeout(reading);
    const card = current();
    if (card && card.dataset.claim && card !== claimed) reading = setTimeout(() => take(card), READING);
  });

  document.addEventListener("keydown", pressed);
  addEventListener("pagehide", release);

  const opened = document.querySelector("[data-open]");
  if (opened) take(opened);
  if ($("keys")) {
    $("keys-open").hidden = false;
    $("keys-open").addEventListener("click", help);
    $("keys").querySelector("form").addEventListener("submit", saved);
    $("keys-usual").addEventListener("click", () => show({on: $("keys-on").checked, keys: USUAL}));
    $("keys-close").addEventListener("click", () => $("keys").close());
  }
})();
