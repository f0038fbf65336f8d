"""Text from outside, made safe to look at: what is invisible or reorders text is shown by its number.

Invariant: the text that `show_controls` returns can be encoded as UTF-8, and reads in the order in which it
is written. It is for the eye only: what is released to a service is never changed (Unicode TR 36).
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# Controls, lone surrogates, separators that break lines, marks that override direction, invisible fillers
# and tags.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
    # Joiners are letters' business in Persian or Hindi; after a Latin letter or at the start they only hide.
    "|(?<![\u0590-\U0001ffff])[\u200c\u200d]"
)


def show_controls(text: str) -> str:
    """Return the text with each invisible or reordering character written as `[U+202E]`."""
    return _UNSAFE.sub(_by_number, text)


def isolate(text: str) -> Markup:
    """Return the text escaped and isolated, so that its direction does not reach the words around it."""
    return Markup(f"<bdi>{escape(show_controls(text))}</bdi>")  # noqa: S704 -- escaped here


def isolate_lines(text: str) -> Markup:
    """Return a text of several lines, an address for example, each line isolated by itself."""
    return Markup("<br>").join(isolate(line) for line in text.split("\n"))


def _by_number(match: re.Match[str]) -> str:
    return f"[U+{ord(match[0]):04X}]"
