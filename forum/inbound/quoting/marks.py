"""Marks of mail programs around a person's own words, in many languages: quotes, attributions, headers, signatures.

Each pattern sees one line, cut to MAX_LINE_LENGTH: none can run long on a hostile mail.
"""

import re
from collections.abc import Sequence

MAX_LINE_LENGTH = 300
# Lines over which a program may break an attribution ("On ..., Ann <a@b.org> wrote:").
MAX_ATTRIBUTION_LINES = 4

_ADDRESS = re.compile(r"<?[\w.+'=-]{1,64}@[\w.-]{1,190}>?|<mailto:", re.IGNORECASE)
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}\b")
_DAY = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\d{4}年")
_BEGINS_WITH_DATE = re.compile(r"\s*(?:19|20)\d\d[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}")
_WROTE = re.compile(
    r"\b(?:wrote|writes|said|schrieb|schrieb am|geschrieben|a écrit|escribi[óo]|va escriure|escreveu|ha scritto|scrive|"
    r"schreef|geschreven|skrev|skreiv|kirjoitti|napisał(?:\(a\)|a)?|pisze|napsal(?:\(a\)|a)?|napísal(?:\(a\)|a)?|"
    r"написала?|пишет|пише|yazdı|írta|έγραψε|a scris|je napisao|je napisala|rašė|rakstīja)\b"
    r"|napisał\(a\)|napsal\(a\)|napísal\(a\)|написал\(а\)|写道|寫道|のメール|書きました|작성|כתב|كتب",
    re.IGNORECASE,
)
# The start of an attribution over several lines: a word and a date, or a date. Without this check the person's own
# line above it would be taken for its start.
_BEGINS = re.compile(
    r"\s*(?:On|Am|Le|El|Op|Il|Em|Dne|Dňa|Dnia|W dniu|Den|På|La|Pe|Στις|En|\d{1,4}\b|[^\W\d_]{2,10}, )(?=.*\d)",
    re.IGNORECASE,
)
_END = re.compile(r"[:：]\s*$")

# The names of a mail's own header lines, as Outlook and others copy them above what they quote.
_FROM = r"From|Von|De|Da|Van|Från|Fra|Lähettäjä|Od|От|Від|Kimden|Feladó|Από|寄件者|发件人|寄件人|差出人|보낸 ?사람"
_OTHERS = (
    r"Sent|Date|To|Cc|Bcc|Subject|Reply-To|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado(?: el)?|Fecha|Para|"
    r"Asunto|Assunto|Data|Inviato|A|Oggetto|Risposta|Verzonden|Aan|Onderwerp|Skickat|Till|Ämne|Sendt|Dato|Til|Emne|"
    r"Lähetetty|Päivämäärä|Vastaanottaja|Aihe|Wysłano|Do|Temat|Odesláno|Komu|Předmět|Дата|Отправлено|Кому|Тема|"
    r"Копия|Gönderildi|Kime|Konu|Elküldve|Címzett|Tárgy|日期|时间|发送时间|收件人|主题|件名|宛先|送信日時|"
    r"날짜|보낸 ?날짜|받는 ?사람|제목"
)
_FROM_LINE = re.compile(rf"[\s>*]*(?:{_FROM})\*?\s?[:：]", re.IGNORECASE)
_OTHER_LINE = re.compile(rf"[\s>*]*(?:{_OTHERS})\*?\s?[:：]", re.IGNORECASE)

# "-----Original Message-----", "---------- Forwarded message ---------", in whatever language: words between dashes.
_WORDS_BETWEEN_DASHES = re.compile(r"[\s>*]*[-_=]{4,}\s*[^\s\W_][^-_=]*[^\s-]\s*[-_=]{4,}[\s*]*$")
_BEGIN_FORWARDED = re.compile(
    r"[\s>*]*(?:Begin forwarded message|Anfang der weitergeleiteten \S+|Début du message (?:transféré|réexpédié)|"
    r"Inicio del mensaje reenviado|Inizio messaggio inoltrato|Begin doorgestuurd bericht|"
    r"Vidarebefordrat brev|Начало переадресованного сообщения)\s?[:：]",
    re.IGNORECASE,
)

_QUOTED = re.compile(r"\s*(?:[A-Za-z]{0,3}>(?!\s*[:：])|\|(?:\s|$))")
_RULE = re.compile(r"[\s>]*(?:[-_*#~=+–—]\s?){2,}$|\s*[–—]\s*$")
_SIGNATURE_BEGINS = re.compile(r"\s*(?:--|_{2,}|[–—]{1,2})\s*$")
_EMPTY = re.compile(r"[\s\u1427\u200b\u2060\ufeff\xa0>|*]*$")

_DEVICE = (
    r"Sent (?:from|via|with|using)|Get Outlook for|Gesendet (?:von|mit|aus)|Diese Nachricht wurde von|"
    r"Von mein\w+ \w+ gesendet|Envoyé (?:de|depuis|à partir)|Enviado (?:desde|de|do|a partir)|Enviada do|"
    r"Obtener Outlook|Inviato da|Verzonden (?:vanaf|met|van)|Verstuurd vanaf|Skickat från|Sendt fra|"
    r"Lähetetty|Wysłan[eo] z|Odesláno z|Odoslané z|Отправлено (?:с|из)|Надіслано з|发自|從我的|iPhoneから送信|"
    r"Sent on the go|Sent by"
)
_SENT_FROM = re.compile(rf"[\s>*_]*(?:{_DEVICE})(?!\w)\s?(?P<what>.*)$", re.IGNORECASE)
_LINK = re.compile(r"[<(\[]?https?://\S+")
# "-Abhishek Kona": a hyphen and a name of two or three words.
_HYPHEN_AND_NAME = re.compile(r"-\s?[^\W\d_a-z][\w.'’]+(?: [^\W\d_a-z][\w.'’]*){1,2}\s*$")


def is_quoted(line: str) -> bool:
    return _QUOTED.match(line) is not None


def is_empty(line: str) -> bool:
    return _EMPTY.match(line) is not None


def is_rule(line: str) -> bool:
    return _RULE.match(line) is not None


def begins_signature(line: str) -> bool:
    return _SIGNATURE_BEGINS.match(line) is not None


def names_a_device(line: str) -> bool:
    found = _SENT_FROM.match(line[:MAX_LINE_LENGTH])
    if found is None:
        return False
    what = _LINK.sub("", found["what"]).strip()
    is_sentence = "," in what or (what.endswith((".", "?", "!")) and not what.endswith("gesendet."))
    return not is_sentence and len(what.split()) <= 8


def is_hyphen_and_name(line: str) -> bool:
    return _HYPHEN_AND_NAME.match(line) is not None


def attribution_at(lines: Sequence[str], start: int) -> int:
    """Return the number of lines of an attribution ("On ..., Ann wrote:") from `start`; 0 for none."""
    joined = ""
    for count, line in enumerate(lines[start : start + MAX_ATTRIBUTION_LINES], 1):
        if is_empty(line) or is_quoted(line) or (count == 2 and not _BEGINS.match(joined)):
            return 0
        if count > 1 and _BEGINS.match(line) and _is_attribution(line[:MAX_LINE_LENGTH]):
            return 0
        joined = f"{joined} {line.strip()[:MAX_LINE_LENGTH]}".strip()
        if _is_attribution(joined):
            return count
    return 0


def _is_attribution(words: str) -> bool:
    has_address = _ADDRESS.search(words) is not None
    if has_address and _BEGINS_WITH_DATE.match(words) and words.rstrip(" :").endswith(">"):
        return True
    if not _END.search(words) or not _WROTE.search(words):
        return False
    return has_address or _TIME.search(words) is not None or _DAY.search(words) is not None


def headers_at(lines: Sequence[str], start: int) -> bool:
    if not _FROM_LINE.match(lines[start][:MAX_LINE_LENGTH]):
        return False
    following = [line[:MAX_LINE_LENGTH] for line in lines[start + 1 : start + 8]]
    others = {found.group().strip(" *:：>") for line in following if (found := _OTHER_LINE.match(line))}
    return len(others) >= 2


def begins_other_mail(line: str) -> bool:
    line = line[:MAX_LINE_LENGTH]
    return _WORDS_BETWEEN_DASHES.match(line) is not None or _BEGIN_FORWARDED.match(line) is not None
