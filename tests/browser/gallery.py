"""Every kind of page that the site has, each in the states that matter, and how to get there."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Response

from tests.support.stack import Stack

ARTICLE = "/articles/intrathecal-vs-oral-baclofen/"
RUN = "from tests.browser import exhibits; exhibits.main()"


class Gallery:
    """A site with something of everything. `things` says where; see exhibits.py."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.url = stack.url
        self.things: dict[str, Any] = json.loads(stack.shell(RUN))

    def enter(self, page: Page, role: str) -> None:
        """Sign the page's context in, by a session that the site made beforehand."""
        if role:
            cookie = {"name": "sessionid", "value": self.things["sessions"][role], "url": self.url}
            page.context.add_cookies([cookie])  # type: ignore[list-item] # a dict will do

    def open(self, page: Page, path: str) -> Response:
        """Open a path of the site; {names} in it are looked up among the things."""
        response = page.goto(self.url + path.format(**self.things))
        assert response is not None
        return response


Way = Callable[[Gallery, Page], Response]


@dataclass(frozen=True)
class Scene:
    """One page in one state: who looks at it, the way there, and the status that it answers with."""

    name: str
    way: Way
    role: str = ""
    status: int = 200

    def show(self, gallery: Gallery, page: Page) -> Response:
        """Go there; return the response that brought the page."""
        gallery.enter(page, self.role)
        response = self.way(gallery, page)
        assert response.status == self.status, f"{self.name}: {response.status} at {page.url}"
        return response


def at(path: str, *, leads: str = "") -> Way:
    """The way to a page that a link leads to; `leads` is where it ends when that is another page."""

    def way(gallery: Gallery, page: Page) -> Response:
        response = gallery.open(page, path)
        arrived = urlsplit(response.url).path
        assert arrived == (leads or urlsplit(path).path).format(**gallery.things), f"{path} leads to {arrived}"
        return response

    return way


def sent(path: str, button: str, **values: str) -> Way:
    """The way to what a form answers: open it, fill in the values by field name, press the button."""

    def way(gallery: Gallery, page: Page) -> Response:
        gallery.open(page, path)
        return send(page, button, values)

    return way


def send(page: Page, button: str, values: dict[str, str]) -> Response:
    """Fill in and send the form that has the button; return the response of the page that comes."""
    form = page.locator("main form", has=page.get_by_role("button", name=button)).first
    for name, value in values.items():
        form.locator(f"[name={name}]").first.fill(value)
    with page.expect_navigation() as navigation:
        form.get_by_role("button", name=button).first.click()
    return navigation.value


def without_cookies(gallery: Gallery, page: Page) -> Response:
    """Send a form as a browser that refuses cookies."""
    gallery.open(page, "/questions/ask/")
    page.context.clear_cookies()
    return send(page, "Send your question", {"name": "Ann"})


def conflict(gallery: Gallery, page: Page) -> Response:
    """Decide on a version of a post that somebody else has already decided on."""
    gallery.open(page, "/moderation/{held}/")
    page.locator("main form.answer [name=version]").evaluate("field => { field.value = '1'; }")
    redirect_form(page, "main form.answer", f"/moderation/{gallery.things['decided']}/decide/")
    return send(page, "Send back", {"reason": "Please shorten it."})


def stale_from_mail(gallery: Gallery, page: Page) -> Response:
    """Decide by a mail's link on a version of the post that is none any more."""
    gallery.open(page, "{from_mail[spare]}")
    page.locator("main form.answer [name=version]").evaluate("field => { field.value = '9'; }")
    return send(page, "Send back", {"reason": "Please shorten it."})


def changed_meanwhile(gallery: Gallery, page: Page) -> Response:
    """Find an answer still right that is not as it was any more."""
    gallery.open(page, "/posts/{superseded}/review/")
    page.locator("main [name=version]").evaluate("field => { field.value = '1'; }")
    return send(page, "Yes, it is still right", {})


def from_an_old_page(gallery: Gallery, page: Page) -> Response:
    """Choose on a page since which something was changed."""
    gallery.open(page, "/me/notifications/")
    page.locator("main [name=seen]").evaluate("field => { field.value = 'x'; }")
    page.locator("main [name=links_only]").check()
    return send(page, "Save my choice", {})


def without_summaries(gallery: Gallery, page: Page) -> Response:
    """Choose a summary, and switch summaries off."""
    gallery.open(page, "/mail-choices/{mail_choices[choosing]}/")
    page.locator("main [name=wanted][value=digest]").uncheck()
    page.locator("main [name=pace][value=daily]").check()
    return send(page, "Save my choice", {})


def redirect_form(page: Page, form: str, action: str) -> None:
    """Let a form of the page go somewhere else."""
    page.locator(form).first.evaluate("(form, action) => { form.action = action; }", action)


def unfolded(path: str, button: str, **values: str) -> Way:
    """The way to what a form answers that stands in a box to unfold."""

    def way(gallery: Gallery, page: Page) -> Response:
        gallery.open(page, path)
        unfold(page)
        return send(page, button, values)

    return way


def unfold(page: Page) -> None:
    """Open every box of the page."""
    page.locator("details").evaluate_all("boxes => boxes.forEach(box => { box.open = true; })")


def several(gallery: Gallery, page: Page, *, chosen: bool = True) -> Response:
    """Publish several posts at once: one that waits, one that was decided before, one that never was."""
    gallery.open(page, "/moderation/")
    unfold(page)
    boxes = page.locator("[name=chosen]")
    values = [gallery.things["spare"], f"{gallery.things['decided']}:1", "nosuchpost:1"] if chosen else []
    for place, value in enumerate(values):
        boxes.nth(place).evaluate("(box, value) => { box.value = value; }", value)
        boxes.nth(place).check()
    with page.expect_navigation() as navigation:
        page.get_by_role("button", name="Publish the chosen", exact=True).click()
    return navigation.value


def too_late(gallery: Gallery, page: Page) -> Response:
    """Undo a decision whose mail has left."""
    gallery.open(page, "/moderation/{held}/")
    redirect_form(page, "main form[action$='/release/']", f"/moderation/{gallery.things['decided']}/undo/")
    return send(page, "Back to the queue", {})


def keys(gallery: Gallery, page: Page) -> Response:
    """Open the dialog with the keys of the queue; without scripts there is none, and no button for it."""
    response = gallery.open(page, "/moderation/")
    if page.locator("#keys-open").is_visible():
        page.keyboard.press("?")
        page.get_by_role("dialog").wait_for()
    return response


def mfa(gallery: Gallery, page: Page, code: str = "", who: str = "secured_address") -> Response:
    """Sign in as somebody with a second factor; stop at its page, or go on with a code."""
    gallery.open(page, "/accounts/login/")
    values = {"login": gallery.things[who], "password": "correct horse battery"}
    response = send(page, "Sign in", values)
    return send(page, "Sign in", {"code": code}) if code else response


def login_code(gallery: Gallery, page: Page, code: str = "") -> Response:
    """Ask for a sign-in code; stop at the page that takes it, or type one.

    As one of two people: the site gives each of them three codes a minute, and several tests go through the scenes.
    """
    gallery.open(page, "/accounts/login/code/")
    who = "physician" if code else "member"
    response = send(page, "Send me a code", {"email": f"{who}@example.org"})
    return send(page, "Go on", {"code": code}) if code else response


def newest_mail(gallery: Gallery, page: Page) -> Response:
    """Open the newest mail of development's folder."""
    gallery.open(page, "/dev/mail/")
    with page.expect_navigation() as navigation:
        page.locator("main tbody a").first.click()
    return navigation.value


def rendered(name: str, gallery: Gallery, page: Page) -> Response:
    """Show an error page that no link leads to, at an address of the site."""
    page.route("**/broken/", lambda route: route.fulfill(body=gallery.things["errors"][name], content_type="text/html"))
    return gallery.open(page, "/broken/")


def asked_twice(gallery: Gallery, page: Page) -> Response:
    """Ask to be recognised from a page that stood open while another tab asked."""
    gallery.open(page, "/me/recognition/")
    redirect_form(page, "main form", "/me/recognition/")
    values = {"full_name": "Dr Ada", "licence_number": "1", "jurisdiction": "Scotland", "specialty": "Pain medicine"}
    page.locator("main form").first.evaluate(
        "(form, values) => Object.entries(values).forEach(([name, value]) => form.append("
        "Object.assign(document.createElement('input'), {type: 'hidden', name: name, value: value})))",
        {**values, "no_conflicts": "on"},
    )
    return send(page, "Take it back", {})


def elsewhere(path: str, button: str, to: str, **values: str) -> Way:
    """The way to what a checker's form answers when it goes to another request or credential than the one shown."""

    def way(gallery: Gallery, page: Page) -> Response:
        gallery.open(page, path)
        form = page.locator("main form", has=page.get_by_role("button", name=button)).first
        form.evaluate("(form, action) => { form.action = action; }", to.format(**gallery.things))
        return send(page, button, values)

    return way


def old_page(gallery: Gallery, page: Page) -> Response:
    """Send a reply from a page that was opened as a physician, when the credential is no longer in force."""
    gallery.open(page, "/questions/{question_id}/reply/")
    page.locator("[name=writes_as]").evaluate("(field, word) => { field.value = word; }", gallery.things["writes_as"])
    return send(page, "Send your reply", {"text": "Ask for a trial dose first."})


def other_window(gallery: Gallery, page: Page) -> Response:
    """Save a draft from a page that was opened before another window saved one."""
    gallery.open(page, "/desk/{desk[begun]}/")
    page.locator("[name=saved]").evaluate("field => { field.value = ''; }")
    return send(page, "Save draft", {"text": "Ask on the day before."})


def answered_meanwhile(gallery: Gallery, page: Page) -> Response:
    """Send an answer from a page that was opened before somebody else answered."""
    gallery.open(page, "/desk/{desk[answered]}/")
    page.locator("[name=seen]").evaluate("field => { field.value = ''; }")
    return send(page, "Send answer", {"text": "Ask on the day before."})


def faster(gallery: Gallery, page: Page) -> Response:
    """Claim from a page that was opened before somebody else claimed."""
    gallery.open(page, "/desk/{desk[mine]}/")
    redirect_form(page, "main form[action$='/claim/']", f"/desk/{gallery.things['desk']['taken']}/claim/")
    return send(page, "I’m answering this", {})


def routed_to_nobody(gallery: Gallery, page: Page) -> Response:
    """Route to a topic and to a physician who are not there any more."""
    gallery.open(page, "/moderation/{desk[held]}/route/")
    for option in ("topic", "physician"):
        page.locator(f"[name={option}] option:checked").evaluate("option => { option.value = '0'; }")
    return send(page, "Save", {})


def signed_out(gallery: Gallery, page: Page) -> Response:
    """Save a draft when the session has ended while it was typed."""
    gallery.open(page, "/desk/{desk[urgent]}/")
    page.context.clear_cookies(name="sessionid")
    return send(page, "Save draft", {"text": f"Ask on the day before. {'x' * 90}"})


CHECK, DECLINE, WITHDRAW = "It is in order: checked", "Decline it", "Withdraw it"
REQUEST, CREDENTIAL = "/credentials/{recognition[asked]}/", "/credentials/granted/{credential[renewing]}/"

STATES = ("pending", "published", "returned", "rejected", "spam", "withdrawn", "removed")
MAIL = ("failed", "retrying", "owed", "suppressed")
ERRORS = ("400", "403", "405", "413", "429", "500", "503")
LOGIN, SIGNUP, RESET = "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"
NEW_PASSWORD, SECOND = "/accounts/password/change/", "/accounts/2fa/"

# The two public pages that need a script, and say so where there is none.
NEEDS_SCRIPT = {"passkey", "second factor or passkey asked"}

SCENES = [
    # What everybody reads
    Scene("home", at("/")),
    Scene("article", at(ARTICLE)),
    Scene("articles", at("/articles/")),
    Scene("questions", at("/questions/")),
    Scene("question", at("{question}")),
    Scene("question signed in", at("{question}"), "member"),
    Scene("question as physician", at("{question}"), "physician"),
    Scene("article signed in", at(ARTICLE), "member"),
    # Asking and replying
    Scene("ask", at("/questions/ask/")),
    Scene("ask about an article", at("/questions/ask/?article=intrathecal-vs-oral-baclofen")),
    Scene("ask errors", sent("/questions/ask/", "Send your question", email="no address"), status=422),
    Scene("ask errors under the article", sent(ARTICLE, "Send your question", name="a@b.example"), status=422),
    Scene("reply", at("/questions/{question_id}/reply/")),
    Scene("reply errors", sent("/questions/{question_id}/reply/", "Send your reply"), status=422),
    # Answers that have aged
    Scene("aged answers", at("{aged}")),
    *(Scene(f"aged answers as {role}", at("{aged}"), role) for role in ("member", "physician", "moderator")),
    Scene("history", at("/posts/{corrected}/history/")),
    Scene("helped", at("/posts/{corrected}/helped/")),
    Scene("helped own", at("/posts/{corrected}/helped/"), "physician"),
    Scene("correct", at("/posts/{corrected}/correct/"), "physician"),
    Scene("correct errors", sent("/posts/{corrected}/correct/", "Save the change", text=""), "physician", 422),
    Scene("change one's own", at("/posts/{aged_id}/correct/"), "member"),
    Scene("review", at("/posts/{corrected}/review/"), "physician"),
    Scene("supersede", at("/posts/{superseded}/supersede/"), "physician"),
    Scene("supersede errors", sent("/posts/{superseded}/supersede/", "Save"), "moderator", 422),
    Scene("changed meanwhile", changed_meanwhile, "physician", 409),
    # A person's own things
    *(Scene(f"status {state}", at(f"{{status[{state}]}}")) for state in STATES),
    Scene("status of a member's reply", at("{held_status}"), "member"),
    Scene("edit", at("{status[pending]}edit/")),
    Scene("edit errors", sent("{status[pending]}edit/", "Save the change", text=""), status=422),
    Scene("edit too late", at("{status[rejected]}edit/"), status=409),
    Scene("edit what is public", at("{status[published]}edit/")),
    Scene("edit that hides", sent("{status[published]}edit/", "Save the change", text="Ring +44 20 7946 0958.")),
    Scene("withdraw", at("{status[pending]}withdraw/")),
    Scene("confirm", at("/confirm/{confirm[new]}/")),
    Scene("confirmed", at("/confirm/{confirm[done]}/")),
    Scene("confirm expired", at("/confirm/{confirm[gone]}/"), status=410),
    Scene("unsubscribe", at("/unsubscribe/{unsubscribe[thread]}/")),
    Scene("unsubscribed", at("/unsubscribe/{unsubscribe[ended]}/")),
    Scene("unsubscribe a moderator", at("/unsubscribe/{unsubscribe[queue]}/")),
    Scene("me", at("/me/"), "member"),
    Scene("me with nothing", at("/me/"), "changing"),
    *(Scene(f"me of {role}", at("/me/"), role) for role in ("moderator", "physician", "editor", "renewing")),
    Scene("my posts", at("/me/posts/"), "member"),
    Scene("my follows", at("/me/follows/", leads="/me/notifications/"), "following"),
    Scene("my notifications stopped", at("/me/notifications/"), "stopped"),
    Scene("my notifications old", from_an_old_page, "following", 409),
    Scene("mail choices", at("/mail-choices/{mail_choices[choosing]}/")),
    Scene("mail choices errors", without_summaries, status=422),
    Scene("mail choices of whom no mail reaches", at("/mail-choices/{mail_choices[unreached]}/")),
    Scene("mail choices gone", at("/mail-choices/nothing/"), status=404),
    Scene("topics", at("/topics/")),
    Scene("topic", at("/topics/{topic}/")),
    Scene("follow a topic", at("/topics/{topic}/follow/"), "member"),
    Scene("follow an article", at(f"{ARTICLE}follow/"), "following"),
    Scene("my notifications all off", sent("/me/notifications/", "Stop all mail"), "changing"),
    Scene("me with posts to claim", at("/me/"), "claiming"),
    Scene("me whose mail comes back", at("/me/"), "returning"),
    Scene("claim", at("/me/claim/"), "claiming"),
    Scene("claim errors", sent("/me/claim/", "The ticked ones are mine"), "claiming", 422),
    Scene("claim nothing", at("/me/claim/"), "member"),
    Scene("my name", at("/me/name/"), "physician"),
    Scene("my name errors", sent("/me/name/", "Use this name", name="joe@guests.test"), "member", 422),
    Scene("my notifications", at("/me/notifications/"), "moderator"),
    Scene("sessions", at("/accounts/sessions/"), "member"),
    Scene("passkeys", at("/accounts/2fa/webauthn/"), "member"),
    Scene("add a passkey", at("/accounts/2fa/webauthn/add/"), "member"),
    Scene("passkey", at("/accounts/passkey/")),
    Scene("passkeys one", at("/accounts/2fa/webauthn/"), "passkey"),
    Scene("passkey renamed", at("/accounts/2fa/webauthn/keys/{passkey}/edit/"), "passkey"),
    Scene(
        "passkey rename errors",
        sent("/accounts/2fa/webauthn/keys/{passkey}/edit/", "Save the name", name=""),
        "passkey",
    ),
    Scene("passkey removed", at("/accounts/2fa/webauthn/keys/{passkey}/remove/"), "passkey"),
    Scene("sign in again by passkey", at("/accounts/2fa/webauthn/reauthenticate/"), "passkey"),
    # Moderators
    Scene("queue", at("/moderation/"), "moderator"),
    Scene("queue filtered", at("/moderation/?author=guest&days=0"), "moderator"),
    Scene("queue filtered to nothing", at("/moderation/?q=nothing-is-like-this"), "moderator"),
    Scene("queue filter errors", at("/moderation/?days=x"), "moderator"),
    Scene("queue keys", keys, "moderator"),
    Scene("several at once", several, "moderator"),
    Scene("several at once errors", partial(several, chosen=False), "moderator", 422),
    Scene("moderation post", at("/moderation/{held}/"), "moderator"),
    Scene("moderation post decided", at("/moderation/{decided}/"), "moderator"),
    Scene("decision errors", sent("/moderation/{held}/", "Send back"), "moderator", 422),
    Scene("mask errors", unfolded("/moderation/{held}/", "Publish without these", others="X Y"), "moderator", 422),
    Scene("ask somebody errors", unfolded("/moderation/{held}/", "Ask a colleague"), "moderator", 422),
    Scene("note errors", sent("/moderation/{held}/", "Keep the note"), "moderator", 422),
    Scene("conflict", conflict, "moderator", 409),
    Scene("undo too late", too_late, "moderator", 409),
    Scene("opinions", at("/moderation/opinions/"), "physician"),
    Scene("opinion errors", sent("/moderation/opinions/", "Send your opinion"), "physician", 422),
    Scene("log", at("/moderation/log/"), "moderator"),
    Scene("log filtered", at("/moderation/log/?move=return"), "moderator"),
    Scene("log filter wrong", at("/moderation/log/?since=x"), "moderator", 422),
    Scene("dashboard", at("/moderation/dashboard/"), "moderator"),
    *(Scene(f"mail {shown}", at(f"/moderation/mail/?show={shown}"), "editor") for shown in MAIL),
    Scene("mail no more", at("/moderation/mail/?show=retrying&after={mail[retrying]}"), "editor"),
    Scene("mail stop", at("/moderation/mail/{mail[retrying]}/stop/"), "editor"),
    Scene("mail sent again", sent("/moderation/mail/", "Send again"), "editor"),
    Scene("rules", at("/moderation/rules/"), "editor"),
    Scene("rules tried", sent("/moderation/rules/", "Try it on the last 500 posts"), "editor"),
    Scene("reported posts", at("/moderation/reports/"), "moderator"),
    Scene("mute", at("/moderation/reports/{report_pk}/mute/"), "moderator"),
    Scene("people", at("/moderation/people/?q=Rita"), "moderator"),
    Scene("person", at("/moderation/people/{person}/"), "moderator"),
    Scene("sanction errors", sent("/moderation/people/{person}/", "Put it in force"), "moderator", 422),
    # Physicians, and who checks them
    Scene("physicians", at("/physicians/")),
    Scene("physician", at("/physicians/{credential[renewing]}/")),
    Scene("physician lapsed", at("/physicians/{credential[lapsed]}/")),
    Scene("physician withdrawn", at("/physicians/{credential[withdrawn]}/")),
    Scene("badges", at("{badges}")),
    Scene("reply from an old page", old_page, "lapsed", 409),
    Scene("recognition", at("/me/recognition/"), "member"),
    Scene("recognition errors", sent("/me/recognition/", "Send it to the checkers"), "member", 422),
    *(Scene(f"recognition {role}", at("/me/recognition/"), role) for role in ("asking", "declined", "renewing")),
    *(Scene(f"recognition {role}", at("/me/recognition/"), role) for role in ("lapsed", "withdrawn", "physician")),
    Scene("recognition asked twice", asked_twice, "asking", 409),
    Scene("credentials", at("/credentials/"), "editor"),
    Scene("credentials in force", at("/credentials/in-force/"), "editor"),
    *(
        Scene(f"credential request {name}", at(f"/credentials/{{recognition[{name}]}}/"), "editor")
        for name in ("asked", "mine", "theirs", "own", "declined")
    ),
    Scene("check errors", sent(REQUEST, CHECK), "editor", 422),
    Scene("decline errors", sent(REQUEST, DECLINE), "editor", 422),
    Scene(
        "credential refused",
        elsewhere(REQUEST, CHECK, "/credentials/{recognition[mine]}/grant/", note="x"),
        "editor",
        403,
    ),
    Scene(
        "credential stale",
        elsewhere(REQUEST, CHECK, "/credentials/{recognition[declined]}/check/", note="In the register."),
        "editor",
        409,
    ),
    *(
        Scene(f"credential {name}", at(f"/credentials/granted/{{credential[{name}]}}/"), "editor")
        for name in ("renewing", "lapsed", "withdrawn")
    ),
    Scene("withdraw errors", sent(CREDENTIAL, WITHDRAW), "editor", 422),
    Scene(
        "withdrawn already",
        elsewhere(CREDENTIAL, WITHDRAW, "/credentials/granted/{credential[withdrawn]}/withdraw/", reason="Struck off."),
        "editor",
        409,
    ),
    # The physicians' desk
    Scene("desk", at("/desk/"), "desk"),
    *(
        Scene(f"desk {shown}", at(f"/desk/?show={shown}"), "desk")
        for shown in ("follow-up", "mine", "answered", "done")
    ),
    Scene("desk filtered", at("/desk/?specialty=Neurology"), "desk"),
    Scene("desk filter errors", at("/desk/?topic=nothing"), "desk", 422),
    *(Scene(f"desk question {name}", at(f"/desk/{{desk[{name}]}}/"), "desk") for name in ("urgent", "begun", "taken")),
    Scene("desk answer errors", sent("/desk/{desk[urgent]}/", "Send answer"), "desk", 422),
    Scene("desk draft of another window", other_window, "desk", 409),
    Scene("desk answered meanwhile", answered_meanwhile, "desk", 409),
    Scene("desk taken", faster, "desk", 409),
    Scene("desk signed out", signed_out, "desk", 403),
    Scene("desk snippets", at("/desk/snippets/"), "desk"),
    Scene("desk snippets none", at("/desk/snippets/"), "physician"),
    Scene("desk snippet errors", sent("/desk/snippets/", "Save the snippet"), "desk", 422),
    Scene("desk snippet changed", at("/desk/snippets/{desk[snippet]}/"), "desk"),
    Scene("desk snippet deleted", at("/desk/snippets/{desk[snippet]}/delete/"), "desk"),
    *(
        Scene(f"desk route {name}", at(f"/moderation/{{desk[{name}]}}/route/"), "moderator")
        for name in ("routed", "held")
    ),
    Scene("desk route errors", routed_to_nobody, "moderator", 422),
    Scene("desk route too late", at("/moderation/{desk[returned]}/route/"), "moderator", 409),
    # The link in a moderator's mail
    Scene("from mail", at("{from_mail[waiting]}")),
    Scene("from mail errors", sent("{from_mail[waiting]}", "Send back"), status=422),
    Scene("from mail changed meanwhile", stale_from_mail, status=409),
    Scene("from mail done", at("{from_mail[mine]}")),
    Scene("from mail decided by a colleague", at("{from_mail[theirs]}"), status=409),
    Scene("from mail one's own", at("{from_mail[own]}"), status=403),
    Scene("from mail too late", at("{from_mail[over]}"), status=410),
    Scene("from mail as somebody else", at("{from_mail[waiting]}"), "member", 403),
    Scene("from mail cut off", at("/moderation/from-mail/nothing/"), status=404),
    # Readers' reports, and the numbers
    Scene("report", at("/posts/{reportable}/report/")),
    Scene("report errors", sent("/posts/{reportable}/report/", "Send the report"), status=422),
    Scene("report open", at("/reports/{report_open}/")),
    Scene("report decided", at("/reports/{report_kept}/")),
    Scene("moderation in numbers", at("/moderation-in-numbers/")),
    Scene("urgent status", at("{urgent_status}")),
    Scene(
        "told before sending",
        sent(
            "/questions/ask/",
            "Send your question",
            name="Ann",
            email="ann@guests.test",
            text="Ring me on +44 20 7946 0958, will you?",
        ),
    ),
    # People's own data
    Scene("privacy", at("/privacy/")),
    Scene("my data", at("/me/data/"), "member"),
    Scene("my data with an erasure to come", at("/me/data/"), "changing"),
    Scene("erase", at("/me/data/erase/"), "member"),
    Scene("erase errors", sent("/me/data/erase/", "Erase my data"), "member", 422),
    Scene("your data", at("/your-data/")),
    Scene("your data errors", sent("/your-data/", "Mail me the link", email="x"), status=422),
    Scene("your data link sent", sent("/your-data/", "Mail me the link", email="nobody@guests.test")),
    Scene("data link", at("/your-data/{data_link}/")),
    Scene("data link erase", at("/your-data/{data_link}/erase/")),
    Scene("data link erase errors", sent("/your-data/{data_link}/erase/", "Erase my data"), status=422),
    Scene("data link gone", at("/your-data/nothing/"), status=404),
    Scene("erasure to come", at("/erasure/{erasure[open]}/")),
    Scene("erasure taken back", at("/erasure/{erasure[back]}/")),
    Scene("erasure too late", at("/erasure/{erasure[late]}/")),
    Scene("erasure done", at("/erasure/{erasure[done]}/")),
    # Accounts
    Scene("login", at(LOGIN)),
    Scene("login errors", sent(LOGIN, "Sign in", login="nobody@example.org", password="wrong-wrong-wrong")),
    Scene("signup", at(SIGNUP)),
    Scene("signup errors", sent(SIGNUP, "Make my account", email="x", name="a@b.example", password1="short")),
    Scene("signup sent", at("/accounts/confirm-email/")),
    Scene("confirm account", at("/accounts/confirm-email/{confirm_email}/")),
    Scene("confirm account expired", at("/accounts/confirm-email/nothing/")),
    Scene("login by code", at("/accounts/login/code/")),
    Scene("login by code errors", sent("/accounts/login/code/", "Send me a code", email="x")),
    Scene("login code", login_code),
    Scene("login code errors", partial(login_code, code="ZZZ-ZZZ")),
    Scene("password reset", at(RESET)),
    Scene("password reset errors", sent(RESET, "Send me the link", email="x")),
    Scene("password reset sent", at("/accounts/password/reset/done/")),
    Scene(
        "password reset link",
        at("/accounts/password/reset/key/{reset_key}/", leads=f"{RESET}key/{{reset_user}}-set-password/"),
    ),
    Scene("password reset link expired", at("/accounts/password/reset/key/1-wrong/")),
    Scene("password saved", at("/accounts/password/reset/key/done/")),
    Scene("account inactive", at("/accounts/inactive/")),
    Scene("second factor asked", mfa),
    Scene("second factor or passkey asked", partial(mfa, who="passkey_address")),
    Scene("second factor errors", partial(mfa, code="000000")),
    Scene("addresses", at("/accounts/email/"), "member"),
    Scene("address changing", at("/accounts/email/"), "changing"),
    Scene("password", at(NEW_PASSWORD), "member"),
    Scene("password errors", sent(NEW_PASSWORD, "Save the new password", oldpassword="x"), "member"),
    Scene("sign in again", at("/accounts/reauthenticate/"), "member"),
    Scene("sign out", at("/accounts/logout/"), "member"),
    Scene("second factor", at(SECOND), "member"),
    Scene("second factor on", at(SECOND), "secured"),
    Scene("second factor new", at(f"{SECOND}totp/activate/"), "member"),
    Scene("second factor new errors", sent(f"{SECOND}totp/activate/", "Turn it on", code="000000"), "member"),
    Scene("second factor off", at(f"{SECOND}totp/deactivate/"), "secured"),
    Scene("recovery codes", at(f"{SECOND}recovery-codes/"), "secured"),
    Scene("recovery codes new", at(f"{SECOND}recovery-codes/generate/"), "secured"),
    # When something is not there or goes wrong
    Scene("nothing here", at("/nothing/here/"), status=404),
    Scene("not for members", at("/moderation/"), "member", 403),
    Scene("cookies refused", without_cookies, status=403),
    *(Scene(f"error {name}", partial(rendered, name)) for name in ERRORS),
    # Development
    Scene("dev mail", at("/dev/mail/")),
    Scene("dev mail message", newest_mail),
    Scene("dev mail kind", at("/dev/mail/kinds/reply-several/")),
]
PUBLIC = [scene for scene in SCENES if not scene.role]
