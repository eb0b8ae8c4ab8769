"""Rules about doses: advice to others, and a dose that the author takes."""

import re

from forum.rules.base import Effect, Facts, Match, Options, Phrases, Rule, Span, matches
from forum.rules.text import find_phrases, fold, sentences

_DRUG = (
    r"(?:baclofen|lioresal|gablofen|ozobax|tizanidine|zanaflex|sirdalud|dantrolene|dantrium|dantamacrin|diazepam|valium|"
    r"gabapentin|pregabalin|lyrica|clonazepam|rivotril|tolperisone|botox|sativex|nabiximols|fampridine|dalfampridine|"
    r"ampyra|fampyra|oxybutynin|amitriptyline|duloxetine|levodopa|tablets?|pills?|meds?|medicines?|medications?|dose|dosage|"
    r"drops|capsules?|patch(?:es)?)"
)
_AMOUNT = r"\d{1,4}(?:[.,]\d{1,3})?\s{0,2}(?:mg|milligrams?|mcg|[µμ]g|ug|micrograms?|mics?|ml)\b"
_COUNT = r"(?:one|two|three|half a|another|one more|an extra|\d)\s(?:more\s|extra\s)?(?:tablet|pill|capsule)s?\b"
_WHAT = rf"(?:{_AMOUNT}|{_COUNT}|\b{_DRUG}\b)"
_MEASURED = rf"(?:{_AMOUNT}|{_COUNT})"
_ENDING = (
    r"(?:stop(?: taking)?|quit|skip|drop|leave out|leave off|come off|go off|get off|throw away|bin|"
    r"halve|double|triple|cut(?: down)?|increase|raise|reduce|lower|up|titrate|taper|wean)"
)
_CHANGE = (
    rf"(?:{_ENDING}|take|go up to|go down to|go to|go for|try|give|use|add|switch to|start(?: with)?|turn up|turn down|"
    r"inject|swallow)"
)
_NEAR = r"[^.!?\n]{0,40}?"
_MODAL = r"(?:should|must|need to|have to|ought to|shall|had better|'d better|want to|could|can|may|might)"
_ADVERBS = r"(?:\s(?:really|safely|just|simply|also|always|then|try to|easily|probably|all)){0,2}"
# "You should ...", "if I were you I would ...", "better you ..."
_TOLD = re.compile(rf"\b(?:you|u|ya)\s?(?:really\s|just\s|simply\s)?{_MODAL}{_ADVERBS}\s{_CHANGE}\b{_NEAR}{_WHAT}")
_WOULD = re.compile(
    r"\b(?:if i (?:were|was) you|in your (?:place|shoes|case)|better you|my advice(?: is)?|why don'?t you|"
    r"i(?: would|'d)? (?:advise|recommend|suggest|tell)(?: you)?(?: to)?|ask (?:them|him|her) to)\b"
    r"[\s,:]{0,3}(?:to\s)?(?:i (?:would|'d|should)\s|i'd\s)?(?:just\s|simply\s)?"
    rf"(?:{_CHANGE}|turn the pump (?:up|down))\b{_NEAR}{_WHAT}"
)
# Imperatives: at the beginning of a sentence, or after a comma when the sentence is about nobody else.
_MILD = r"(?:(?:just|simply|please|so|and|then|but|first|or|better|only)\s){0,2}"
_ORDER = rf"(?:(?:do not|don'?t|never) (?:take|use|try|give)|{_CHANGE})\b(?! of\b|-)(?!\s(?:your time|care))"
_FIRST = re.compile(rf"^[\s\"'(\-*]{{0,5}}(?:ok,?\s|well,?\s|my advice:\s|advice:\s)?{_MILD}{_ORDER}{_NEAR}{_WHAT}")
_LATER = re.compile(rf"(?:[,:]|\band)\s{_MILD}{_ORDER}{_NEAR}{_WHAT}")
_SOMEBODY = re.compile(r"\b(?:i|we|he|she|they|i'm|i've|it|who|my|our)\b")
# Warnings never to change a dose alone are welcome, so they are not held.
_CAREFUL = re.compile(
    r"\b(?:never|not|don'?t|shouldn'?t|must ?n'?t|cannot|can'?t|without)\b[^.!?\n]{0,25}"
    r"\b(?:stop|quit|skip|change|double|increase|reduce|advice|your (?:doctor|neurologist|clinic|team))"
    r"|\b(?:ask|talk to|speak to|check with|with) (?:your|the|a) "
    r"(?:doctor|neurologist|clinic|team|nurse|gp|pharmacist)|\bas (?:prescribed|your doctor)"
)
_ONLY_ALLOWED = re.compile(r"\b(?:you|u)\s?(?:can|may|could|might|want to)\b")
_STRONG = re.compile(rf"\b{_ENDING}\b")
_AMOUNTS = re.compile(_MEASURED)
_TRIED = re.compile(
    r"\bhave you tried (?:doubling|halving|raising|increasing|reducing|lowering|stopping|skipping|taking)\b"
    rf"{_NEAR}{_WHAT}"
)
_ASKED = re.compile(r"\b(?:why don'?t you|have you tried)\b")

_DOSE = re.compile(rf"(?:\d\s?x\s?)?{_AMOUNT}")
_OWN = re.compile(
    r"\b(?:i|i'm|i've|we|me|she|he|him|my (?:pump|mother|father|son|daughter|wife|husband|mum|mom|dad))\b"
    r"[^.!?\n]{0,90}?\b(?:takes?|took|taking|on|have|had|has|gets?|got|gives?|put|start(?:ed|s)?|went|stopp?(?:ed)?|is|was|"
    r"needs?|needed|used?|uses|came)\b|\b(?:in my case|been (?:on|taking)|my dose|(?:mine|ours) (?:runs|is|gives)|"
    r"(?:had|have|put) (?:me|him|her) (?:up|on|down|at))\b"
)

DIRECTIVE = "Seems to tell somebody which dose to take, or to stop a medicine."
OWN = "Mentions a dose that somebody takes. This does not hold the post."


def directive_dosing(text: str, _facts: Facts, options: Options) -> list[Match]:
    spans = _directives(text) + find_phrases(text, options["phrases"])
    return matches("directive-dosing", DIRECTIVE, spans)


def own_dose(text: str, _facts: Facts, _options: Options) -> list[Match]:
    folded, told = fold(text), _directives(text)
    spans: list[Span] = []
    for start, end in sentences(text):
        if any(start <= first < end for first, _last in told):
            continue
        owner = _OWN.search(folded, start, end)
        spans += [found.span() for found in _DOSE.finditer(folded, owner.start(), end)] if owner else []
    return matches("own-dose", OWN, spans, effect=Effect.NOTE)


def _directives(text: str) -> list[Span]:
    folded = fold(text)
    spans: list[Span] = []
    for start, end in sentences(text):
        sentence = folded[start:end]
        if _is_question(sentence) or len(spans) >= 20:
            continue
        spans += [(start + found.start(), start + found.end()) for found in _in_sentence(sentence)]
    return spans


def _is_question(sentence: str) -> bool:
    return sentence.rstrip().endswith("?") and not _ASKED.search(sentence)


def _in_sentence(sentence: str) -> list[re.Match[str]]:
    careful = _CAREFUL.search(sentence) is not None
    told = [found for found in _TOLD.finditer(sentence) if not careful and _is_told(found.group())]
    told += [found for pattern in (_WOULD, _TRIED) for found in pattern.finditer(sentence)]
    first = _FIRST.match(sentence)
    if first and not careful:
        told.append(first)
    later = _LATER.search(sentence)
    if later and not careful and not _SOMEBODY.search(sentence, 0, later.start()):
        told.append(later)
    return told


def _is_told(found: str) -> bool:
    """False for a permission without an amount, such as "you can take the tablets with food"."""
    return not _ONLY_ALLOWED.search(found) or bool(_AMOUNTS.search(found) or _STRONG.search(found))


RULES = (
    Rule(
        "directive-dosing",
        "Dosing advice",
        "Holds advice to somebody to take, change or stop a dose (“you should take 20 mg”, “just double your dose”, "
        "“stop the baclofen”). What the author takes is not advice, nor is “never stop suddenly” or “ask your "
        "doctor”.",
        directive_dosing,
        (Phrases("phrases", "Further phrases, one a line", ("cold turkey",)),),
    ),
    Rule(
        "own-dose",
        "Somebody’s own dose",
        "Shows moderators where somebody mentions their own dose. It does not hold the post.",
        own_dose,
    ),
)
