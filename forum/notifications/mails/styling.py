"""A mail's HTML part as it leaves: the one style sheet (templates/emails/mail.css) written into the tags.

Mail programs know few rules, and some throw the head away. What cannot stand in a tag, the dark colours, stays in a
<style> marked `data-css-inline="keep"`. Nothing is fetched and no file is opened, whatever the HTML says.
"""

import css_inline

_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False)


def styled(html: str) -> str:
    """Return the page with its styles in its tags; it ends with a line break, as a mail program would have it."""
    return _INLINER.inline(html) + "\n"
