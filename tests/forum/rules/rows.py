"""The table of rules: for each, what raises it and what does not. test_rules.py reads it."""

from dataclasses import dataclass, field, replace
from typing import Any

from forum.rules import Effect, Facts, fingerprint

# A member whom every rule about people trusts, on a site that trusts.
TRUSTED = Facts(policy="trust-members", is_guest=False, is_confirmed=True, published_before=9)
HARMLESS = "Can I go swimming with a pump?"
LONG = (
    "I have had my pump for four years and the refills go well, but my legs are stiff in the morning. Does anybody else "
    "have this, and what do you do about it before breakfast?"
)
NEARLY = LONG.replace("four years", "five years")
ELSE = (
    "The physiotherapist wants me to try a treadmill with a harness. Has somebody here done that for longer than a few "
    "weeks, and did it change how far you can walk outside?"
)
WITH_PRINT = {"recent_fingerprints": (fingerprint(ELSE), fingerprint(LONG))}


@dataclass(frozen=True)
class Row:
    """One rule, a text, what is known and set; and the words found, None for nothing, "" for a match without a place."""

    rule: str
    text: str
    finds: str | None
    facts: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    effect: Effect = Effect.HOLD

    @property
    def known(self) -> Facts:
        """The facts of a trusted member, but for what the row says."""
        return replace(TRUSTED, **self.facts)


ROWS = [
    # People
    Row("every-post", HARMLESS, "", {"policy": "hold-all"}),
    Row("every-post", HARMLESS, None),
    Row("guest", HARMLESS, "", {"is_guest": True}),
    Row("guest", HARMLESS, None),
    Row("first-post", HARMLESS, "", {"published_before": 0}),
    Row("first-post", HARMLESS, "", {"published_before": 2}),
    Row("first-post", HARMLESS, None, {"published_before": 3}),
    Row("first-post", HARMLESS, None, {"published_before": 1}, {"posts": 1}),
    Row("first-post", HARMLESS, "", {"published_before": 9}, {"posts": 10}),
    Row("first-post", HARMLESS, None, {"published_before": 0, "is_guest": True}),
    Row("unconfirmed", HARMLESS, "", {"is_confirmed": False}),
    Row("unconfirmed", HARMLESS, None),
    Row("sent-back", HARMLESS, "", {"days_since_return": 0}),
    Row("sent-back", HARMLESS, "", {"days_since_return": 89}),
    Row("sent-back", HARMLESS, None, {"days_since_return": 90}),
    Row("sent-back", HARMLESS, None, {"days_since_return": 10}, {"days": 7}),
    Row("sent-back", HARMLESS, None),
    Row("sanction", HARMLESS, "", {"is_sanctioned": True}),
    Row("sanction", HARMLESS, "", {"is_sanctioned": True, "is_physician": True}),
    Row("sanction", HARMLESS, None),
    Row("speed", HARMLESS, "", {"posts_last_hour": 5}),
    Row("speed", HARMLESS, None, {"posts_last_hour": 4}),
    Row("speed", HARMLESS, "", {"posts_last_hour": 2}, {"posts": 2}),
    # Repeats
    Row("repeat", HARMLESS, "", {"same_text_before": 1}),
    Row("repeat", HARMLESS, "", {"same_text_before": 1, "is_physician": True}),
    Row("repeat", HARMLESS, None),
    Row("near-repeat", NEARLY, "", WITH_PRINT),
    Row("near-repeat", NEARLY, None, WITH_PRINT, {"bits": 0}),
    Row("near-repeat", LONG, "", WITH_PRINT, {"bits": 0}),
    Row("near-repeat", LONG.upper().replace(",", " -"), "", WITH_PRINT),
    Row("near-repeat", HARMLESS, None, WITH_PRINT),
    Row("near-repeat", LONG, None, {"recent_fingerprints": (fingerprint(ELSE),)}),
    # Links
    Row("link", "See https://example.org/a?b=1.", "https://example.org/a?b=1"),
    Row("link", "see WWW.EXAMPLE.ORG/pump", "WWW.EXAMPLE.ORG/pump"),
    Row("link", "https://doi.org/10.1000/182 is free", None),
    Row("link", "https://doi.org.example.com/10.1000/182", "https://doi.org.example.com/10.1000/182"),
    Row("link", "https://doi.org@example.com/x", "https://doi.org@example.com/x"),
    Row("link", "https://example.org/a", None, {}, {"allowed": 1}),
    Row("link", "https://example.org/a https://example.org/b", "https://example.org/a", {}, {"allowed": 1}),
    Row("link", "https://example.org/a", None, {}, {"trusted": ["example.org"]}),
    Row("link", "https://example.org/a", None, {"is_physician": True}),
    Row("bare-domain", "look at spastic-life.com for more", "spastic-life.com"),
    Row("bare-domain", "it is on nhs.uk", None),
    Row("bare-domain", "ask joe@example.com", None),
    Row("bare-domain", "Ok.So I asked.He said no.It is", None),
    Row("short-link", "the survey: bit.ly/3xYz", "bit.ly/3xYz"),
    Row("short-link", "https://example.org/bit.ly", None),
    Row("short-link", "https://sho.rt/1", "https://sho.rt/1", {}, {"hosts": ["sho.rt"]}),
    Row("shop-link", "https://smile.amazon.co.uk/dp/1", "https://smile.amazon.co.uk/dp/1", {"is_physician": True}),
    Row("shop-link", "https://walkers.myshopify.com/", "https://walkers.myshopify.com/"),
    Row("shop-link", "https://example.org/amazon.com", None),
    # Words
    Row("words-hold", "What an IDIOT he is", "IDIOT"),
    Row("words-hold", "You can’t fool me", "can’t fool", {}, {"phrases": ["cant fool"]}),
    Row("words-hold", "so very, very\ntired of it", "very, very", {}, {"phrases": ["very very"]}),
    Row("words-hold", "I am very. Very tired", None, {}, {"phrases": ["very very"]}),
    Row("words-hold", "an idiotic idea", None, {}, {"phrases": ["idiot"]}),
    Row("words-hold", "What an idiot", None, {}, {"phrases": []}),
    Row("words-hold", HARMLESS, None),
    Row("words-spam", "The best online casinos are here", "casinos"),
    Row("words-spam", "The best online с\u0430sinos are here", "с\u0430sinos"),
    Row("words-spam", HARMLESS, None),
    Row("selling", "Free shipping worldwide", "Free shipping"),
    Row("selling", "Where do you buy your shoes?", None),
    Row("fundraising", "here is my GoFundMe", "GoFundMe"),
    Row("fundraising", "The charity gave us a leaflet.", None),
    # Manner
    Row("shouting", "please HELP ME NOW WITH THIS PUMP ok", "HELP ME NOW WITH THIS PUMP"),
    Row("shouting", "HELP ME NOW WITH THIS PUMP", None, {}, {"words": 7}),
    Row("shouting", "why?!?!?!", "?!?!?!"),
    Row("shouting", "HSP, SPG4, ITB, MRI, EMG: so many letters!", None),
    Row("scripts", "cheap b\u0430clofen here", "b\u0430clofen"),
    Row(
        "scripts",
        "\u0414\u043e\u0431\u0440\u044b\u0439 \u0434\u0435\u043d\u044c, \u043a\u0430\u043a \u0432\u044b \u0441\u043f\u0438\u0442\u0435 \u0441 \u043f\u043e\u043c\u043f\u043e\u0439?",
        "",
    ),
    Row("scripts", "\U0001d5ef\U0001d602\U0001d606 this", "\U0001d5ef\U0001d602\U0001d606"),
    Row("scripts", "α-motor neurons, 5 µg, Grüße, Dzień dobry, 2²", None),
    # Personal data
    Row("address", "write to joe at example dot com", "joe at example dot com", {"is_physician": True}),
    Row("address", "look at the dot on the scan", None),
    Row("phone", "call 020 7946 0958 now", "020 7946 0958", {"is_physician": True}),
    Row("phone", "my cell: 555 0132", "555 0132"),
    Row("phone", "0 7 7 0 0 9 0 0 1 2 3", "0 7 7 0 0 9 0 0 1 2 3"),
    Row("phone", "oh double seven oh oh nine oh oh four five six", "oh double seven oh oh nine oh oh four five six"),
    Row("phone", "pain 0 1 2 3 4 5 6 7 8 9 10", None),
    Row("phone", "PMID 25012014, 577 (1429) mg, 1,234,567,890 people", None),
    Row("record-number", "NHS number is 943 476 5919, thanks", "943 476 5919", {"is_physician": True}),
    Row("record-number", "it says 219-09-9999", "219-09-9999"),
    Row("record-number", "the patient numbers rose from 1998 to 2015", None),
    Row("birth-date", "I was born on 14 March 1961 here", "14 March 1961", {"is_physician": True}),
    Row("birth-date", "14/03/61 is my birthday", "14/03/61"),
    Row("birth-date", "I was born in 1961. My operation is on 14 March 2026", None),
    Row("home-address", "at 14 Acacia Avenue you find me", "14 Acacia Avenue", {"is_physician": True}),
    Row("home-address", "my postcode is ls21 3ab", "ls21 3ab"),
    Row("home-address", "The clinic in Church Street has 14 rooms, B12 5MG", None),
    Row("named-diagnosis", "my brother tom has hsp too", "tom", {"is_physician": True}),
    Row("named-diagnosis", "Does Peter Vance have MS?", "Peter Vance"),
    Row("named-diagnosis", "My brother has HSP. Dr Peter Vance has treated MS.", None),
    # Medicine
    Row("directive-dosing", "Well, you should take 20 mg of it.", "you should take 20 mg"),
    Row("directive-dosing", "Stop the baclofen, it is poison", "Stop the baclofen"),
    Row("directive-dosing", "just double your dose", "just double your dose"),
    Row("directive-dosing", "so I doubled up", "doubled up", {}, {"phrases": ["doubled up"]}),
    Row("directive-dosing", "I take 20 mg. Should I take 30 mg? Never stop baclofen at once.", None),
    Row("directive-dosing", "You should take 20 mg of it.", None, {"is_physician": True}),
    Row("own-dose", "I take 20 mg three times a day", "20 mg", effect=Effect.NOTE),
    Row("own-dose", "You should take 20 mg, I think", None),
    Row("own-dose", "The leaflet says 20 mg", None),
    # Urgent
    Row("urgent-medicine", "Help, my pump is beeping!", "pump is beeping", effect=Effect.URGENT),
    Row("urgent-medicine", "my pump smells", "pump smells", {}, {"phrases": ["pump smells"]}, Effect.URGENT),
    Row("urgent-medicine", "Does the pump make any noise?", None),
    Row("urgent-medicine", "Help, my pump is beeping!", None, {"is_physician": True}),
    Row("urgent-self-harm", "I don’t want to live any more", "don’t want to live", effect=Effect.URGENT),
    Row("urgent-self-harm", "The pain is killing me", None),
    Row("urgent-self-harm", "I want to die", None, {"is_physician": True}),
]
