"""Texts that try to run something: about forty of our own, and a large collection beside the checkout."""

import json
from pathlib import Path

COLLECTION = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "xss" / "payloads.jsonl"
ELSEWHERE = "//elsewhere.invalid"

# HTML that runs, loads or takes over something when it stands in a page as it is.
HTML = [
    "<script>alert(1)</script>",
    "<ScRiPt >alert(1)</sCrIpT >",
    "</p></div></textarea></title><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<img/src='x'/onerror='alert(1)'>",
    "<IMG SRC=x OnErRoR\n=\nalert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert&#40;1&#41;>",
    "<svg><script>alert&#40;1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(1)&gt;">',
    "<body onload=alert(1)>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src='data:text/html,x'>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<input autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<style>@import 'http:" + ELSEWHERE + "/a.css'</style>",
    "<p style='background:url(http:" + ELSEWHERE + "/b)'>x</p>",
    "<link rel=stylesheet href=http:" + ELSEWHERE + "/c.css>",
    "<img src=http:" + ELSEWHERE + "/pixel.gif>",
    "<form action=http:" + ELSEWHERE + "/><button>Send</button></form>",
    "<meta http-equiv=refresh content='60;url=http:" + ELSEWHERE + "/'>",
    "<base href=http:" + ELSEWHERE + "/>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' &#1;java&#9;script:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='http://ok.invalid' target=_blank onclick=alert(1)>x</a>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript><svg onload=alert(1)>',
]
# Markdown that turns into such HTML where the parser or the allow-list has a hole.
MARKDOWN = [
    "[x](javascript:alert(1))",
    '[x](JaVaScRiPt:alert(1) "title")',
    "[x](java&#115;cript:alert(1))",
    "[x](&#x6A;avascript&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    '[x](http://ok.invalid/"onmouseover="alert(1))',
    "![x](http:" + ELSEWHERE + "/d.png)",
    '![x"onerror="alert(1)](x)',
    "<javascript:alert(1)>",
    '<http://ok.invalid/"><img/src=x/onerror=alert(1)>>',
    "[x][y]\n\n[y]: javascript:alert(1)",
    "`<script>alert(1)</script>`",
    '```"><script>alert(1)</script>\nx\n```',
    "**<b onmouseover=alert(1)>x**",
    "http://ok.invalid/<svg/onload=alert(1)>",
    "{{ 7|add:7 }}{% load static %}${alert(1)}#{alert(1)}",
]


def collection() -> list[str]:
    """Return the payloads of the collection, or nothing where the folder is missing."""
    if not COLLECTION.is_file():
        return []
    rows = COLLECTION.read_text(encoding="utf-8").splitlines()
    return [str(json.loads(row)["payload"]) for row in rows]
