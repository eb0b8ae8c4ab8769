"""Inline styles for HTML mail: templates/emails/mail.css is written into the tags.

Mail programs support few rules, and some remove the head. Dark colours cannot be inlined and stay in a <style> marked
`data-css-inline="keep"`. Nothing is fetched and no file is read, whatever the HTML refers to.
"""

import css_inline

_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False)


def styled(html: str) -> str:
    return _INLINER.inline(html) + "\n"
