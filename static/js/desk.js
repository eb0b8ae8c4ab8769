/* Answer form at the desk: saves the draft while the physician types, and inserts a snippet at the
   cursor. Everything works without this script, by the same form; it never empties the field, whatever the site answers. */
(function () {
  "use strict";

  const PAUSE = 2000;
  const form = document.querySelector("[data-draft]");
  if (!form) return;
  const text = form.elements.text, saved = form.elements.saved, place = document.getElementById("draft-said");
  let kept = text.value, timer = 0, running = false, leaving = false;

  function say(words) { place.textContent = words; }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  }

  function save() {
    if (running) return later();
    if (text.value === kept || leaving) return;
    const words = text.value, values = new FormData(form);
    values.set("do", "draft");
    running = true;
    fetch(form.action, {method: "POST", body: values, headers: {"X-Requested-With": "fetch"}, redirect: "error"})
      .then(answer => (answer.headers.get("Content-Type") || "").includes("json") ? answer.json() : Promise.reject(answer))
      .then(answer => {
        if (answer.saved) {
          saved.value = answer.saved;
          kept = words;
        }
        say(answer.said);
      })
      .catch(() => say("The draft could not be saved just now. Your text is still here: press “Save draft”."))
      .finally(() => {
        running = false;
        if (text.value !== words) later();
      });
  }

  text.addEventListener("input", later);
  form.addEventListener("submit", () => { leaving = true; clearTimeout(timer); });
  // The page was restored from the browser's back/forward cache.
  addEventListener("pageshow", () => { leaving = false; });
  addEventListener("beforeunload", event => { if (!leaving && text.value !== kept) event.preventDefault(); });

  for (const button of form.querySelectorAll("[data-snippet]")) {
    button.addEventListener("click", event => {
      event.preventDefault();
      text.setRangeText(button.dataset.snippet, text.selectionStart, text.selectionEnd, "end");
      text.focus();
      later();
    });
  }
})();
