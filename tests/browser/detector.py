"""Notices, from inside and outside a page, when anything in it runs, loads or stands where nothing may."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Dialog, Page, Request, Route

# Runs in every document before anything of the page does.
HOOKS = """
window.__xss = [];
const note = what => window.__xss.push(String(what).slice(0, 200));
for (const name of ["alert", "confirm", "prompt", "print", "open"]) window[name] = (...said) => { note(name + " " + said); };
addEventListener("securitypolicyviolation", event => note("csp " + event.violatedDirective + " " + event.blockedURI), true);
addEventListener("error", event => { if (event.message) note("error " + event.message); });
"""

# What stands in the document that the site's own templates never put there, and what readers' texts may not hold.
WALK = """
lists => {
  const rules = Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.split(" ").filter(Boolean)]));
  const found = [], names = {};
  const say = (what, element) => found.push(what + ": " + element.outerHTML.slice(0, 160));
  for (const element of document.querySelectorAll("*")) {
    const tag = element.localName;
    const inside = element.parentElement && element.parentElement.closest(".post-body, .queue-text");
    const queue = inside && inside.matches(".queue-text");
    const allowed = queue ? rules.queue : inside ? rules.text : rules.page;
    // An article's own figures and sources are not readers' words; scripts are nobody's.
    const strict = inside || rules.page.length;
    if (strict ? !allowed.includes(tag) : rules.never.includes(tag)) say("element", element);
    if (strict && element.namespaceURI !== "http://www.w3.org/1999/xhtml") say("namespace", element);
    for (const attribute of element.attributes) {
      const name = attribute.name, value = attribute.value;
      if (/^on|^style$|^srcdoc$|^srcset$|^formaction$|^http-equiv$|^ping$|^background$|^nonce$/.test(name)) say("attribute", element);
      if (inside && !queue && !(tag === "a" && (name === "href" || name === "rel"))) say("attribute " + name, element);
      if (tag === "script" && !element.hasAttribute("src")) say("script", element);
      if (queue && !(tag === "span" && name === "class" && value === "visually-hidden")) say("attribute " + name, element);
      if (["href", "src", "action", "data"].includes(name)) {
        let target;
        try { target = new URL(value, location.href); } catch { say("address", element); continue; }
        if (!["http:", "https:"].includes(target.protocol)) say("scheme", element);
        if (inside && !/^https?:\\/\\/[^/]/i.test(value)) say("address", element);
        if (!inside && strict && target.origin !== location.origin) say("elsewhere", element);
      }
    }
    if (inside && tag === "a" && element.getAttribute("rel") !== "nofollow ugc noopener") say("rel", element);
  }
  for (const post of document.querySelectorAll("article.post[id]")) {
    const name = post.querySelector("h4.post-title");
    if (!name) continue;
    if (name.childElementCount) say("name", name);
    names[post.id.slice(5)] = name.textContent;
  }
  for (const card of document.querySelectorAll(".queue-card")) {
    const name = card.querySelector("h3.post-title"), form = card.querySelector("form[action$='/decide/']");
    if (!name || name.childElementCount) say("name", name || card);
    if (form) names[form.getAttribute("action").split("/")[2]] = name.textContent;
  }
  return {found, names, ran: window.__xss};
}
"""
# Element names: in readers' texts, in the queue's plain text, in the site's own pages, and nowhere.
RULES = {
    "text": "p br strong em ul ol li blockquote a code pre",
    "queue": "mark span ins del",
    "page": (
        "html head meta title link body header nav main footer div section article h1 h2 h3 h4 p a ul ol li blockquote"
        " span strong em small time bdi details summary form label input textarea button"
    ),
    "never": "script iframe frame object embed base applet style template noscript math audio video img",
}
# What moderators' own pages have besides; their scripts are files of the site.
FOR_MODERATORS = " select optgroup option fieldset legend dialog script"
OWN_SCRIPTS = ("/static/js/moderation.js", "/static/django_htmx/")


class Detector:
    """Watches one page. `seen` is everything that ran or was asked for; requests to other sites are never sent."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.host = urlsplit(url).netloc
        self.seen: list[str] = []
        page.add_init_script(HOOKS)
        page.route(lambda address: urlsplit(address).netloc != self.host, self._stop)
        page.on("console", self._console)
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self.seen.append(f"error {error.message}"))
        page.on("popup", lambda popup: self.seen.append(f"window {popup.url}"))
        page.on("request", self._request)

    def look(self) -> dict[str, str]:
        """Add to `seen` what ran in the page and what stands in it against the rules; return the names in it."""
        rules = {**RULES, "page": ""} if "/articles/" in self.page.url else RULES
        if "/moderation/" in self.page.url:
            rules = {**RULES, "page": RULES["page"] + FOR_MODERATORS}
        result: dict[str, Any] = self.page.evaluate(WALK, rules)
        self.seen += [f"{what} in {self.page.url}" for what in [*result["found"], *result["ran"]]]
        if len(self.page.frames) > 1:
            self.seen.append(f"frame in {self.page.url}")
        return dict(result["names"])

    def _stop(self, route: Route) -> None:
        route.abort()

    def _console(self, message: ConsoleMessage) -> None:
        self.seen.append(f"console {message.text[:200]}")

    def _dialog(self, dialog: Dialog) -> None:
        self.seen.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        foreign_script = request.resource_type == "script" and not parts.path.startswith(OWN_SCRIPTS)
        if parts.netloc != self.host or foreign_script:
            self.seen.append(f"request {request.url[:200]}")
