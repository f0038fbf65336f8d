"""English or Welsh: which one a page is shown in.

Invariant: the answer is always one of `LANGUAGES`. What a person chose here counts more than what their
service or their browser says of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

ENGLISH = "en"
WELSH = "cy"
LANGUAGES = (ENGLISH, WELSH)

LANGUAGE_COOKIE = "lang"
LANGUAGE_COOKIE_SECONDS = 365 * 24 * 3600
LANGUAGE_PARAMETER = "lang"

_LONGEST_HEADER = 500


def choose_language(
    *,
    switch: str | None = None,
    cookie: str | None = None,
    ui_locales: str | None = None,
    accept_language: str | None = None,
) -> str:
    """Return the language for a page; English when nobody says.

    In this order: the switch that was just pressed (`?lang=`), the cookie that an earlier one left, the
    service's `ui_locales` (OpenID Connect Core 3.1.2.1: tags parted by spaces, most wanted first), the
    browser's `Accept-Language` (RFC 9110 12.5.4). Whatever names no language of ours is passed over.
    """
    for chosen in (switch, cookie):
        if chosen in LANGUAGES:
            return chosen
    return (
        _first_of_ours((ui_locales or "").split())
        or _first_of_ours(_by_weight(accept_language or ""))
        or ENGLISH
    )


def other_language(language: str) -> str:
    """Return the language that the switch on a page leads to."""
    return ENGLISH if language == WELSH else WELSH


def _first_of_ours(tags: Iterable[str]) -> str | None:
    return next((ours for tag in tags if (ours := _primary(tag)) in LANGUAGES), None)


def _primary(tag: str) -> str:
    return tag.partition("-")[0].strip().lower()


def _by_weight(header: str) -> Iterator[str]:
    weighted = []
    for position, item in enumerate(header[:_LONGEST_HEADER].split(",")):
        tag, _, parameter = item.partition(";")
        weight = _weight(parameter)
        if weight > 0:
            weighted.append((-weight, position, tag))
    return (tag for _, _, tag in sorted(weighted))


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
