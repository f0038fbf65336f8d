"""Values as people read them: what would be shared, item by item, on the agreement page.

Invariant: nothing that would be shared is left out, whatever its shape; a value that cannot be read as its
kind is shown as it came. What is shown is never what is released: that is the value itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

from babel import Locale
from babel.dates import format_date

from broker.attribute_labels import Words, label_claim
from broker.notice import Notice
from broker.pages.views import SharedItem, SharedValue
from config.attributes import CATALOGUE

_UNKNOWN_YEAR = "0000"
_LEAP_YEAR = 2000

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_COUNTRY_CLAIMS = frozenset({"country", "country_code", "country_of_residence", "nationalities"})

# Welsh answers with the verb of the question, so yes has a form for "are you" and one for "is it".
_ARE_YOU = (Words("No", "Nac ydw"), Words("Yes", "Ydw"))
_IS_IT = (Words("No", "Nac ydy"), Words("Yes", "Ydy"))


def shared_items(notice: Notice, claims: Mapping[str, object]) -> tuple[SharedItem, ...]:
    """Return the notice's items with the values that would go out for each, in the notice's language."""
    return tuple(
        SharedItem(
            attribute=item.attribute,
            label=item.label,
            purpose=item.purpose,
            required=item.required,
            values=display_values(item.attribute, claims, notice.language),
        )
        for item in notice.items
    )


def display_values(attribute: str, claims: Mapping[str, object], language: str) -> tuple[SharedValue, ...]:
    """Return what an attribute would share, a labelled text for each claim or part of one.

    `claims` are claim names and JSON values as they would be released.
    """
    return tuple(
        value
        for claim in CATALOGUE[attribute].claims
        if claim in claims
        for value in _shown(claim, claims[claim], language)
    )


def show_day(iso_date: str, language: str) -> str:
    """Return a date in words: `1 March 1990`, `March 1990`, `1990`; `1 March` where the year is withheld.

    OpenID Connect Core 5.1 lets a birth date be a year alone, or have the year 0000. Anything that is no
    date comes back unchanged.
    """
    match = _DATE.fullmatch(iso_date)
    if match is None:
        return iso_date
    year, month, day = match.groups()
    pattern = "y" if month is None else "MMMM y" if day is None else "d MMMM y"
    if year == _UNKNOWN_YEAR:
        pattern = pattern.removesuffix("y").strip()
    try:
        moment = date(_LEAP_YEAR if year == _UNKNOWN_YEAR else int(year), int(month or 1), int(day or 1))
    except ValueError:
        return iso_date
    return format_date(moment, pattern, Locale.parse(language)) if pattern else iso_date


def _shown(claim: str, value: object, language: str) -> Iterator[SharedValue]:
    if isinstance(value, Mapping):
        yield from _parts(claim, value, language)
    elif isinstance(value, list | tuple):
        texts = ", ".join(_text(claim, entry, language) for entry in value)
        yield SharedValue(label=label_claim(claim, language), value=texts)
    elif value is not None:
        yield SharedValue(label=label_claim(claim, language), value=_text(claim, value, language))


def _parts(claim: str, value: Mapping[str, object], language: str) -> Iterator[SharedValue]:
    whole = value.get("formatted")
    if isinstance(whole, str):
        yield SharedValue(label=label_claim(claim, language), value=whole.replace("\r\n", "\n"))
    for part, inner in value.items():
        # The formatted address usually repeats its parts; only what it does not say is worth a line of its
        # own.
        if part == "formatted" or (isinstance(whole, str) and isinstance(inner, str) and inner in whole):
            continue
        yield from _shown(part, inner, language)


def _text(claim: str, value: object, language: str) -> str:
    if isinstance(value, bool):
        return (_IS_IT if claim.endswith("_verified") else _ARE_YOU)[value].text(language)
    if claim == "updated_at" and isinstance(value, int):
        return _day_of(value, language)
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if claim == "birthdate":
        return show_day(value, language)
    if claim in _COUNTRY_CLAIMS and _COUNTRY.fullmatch(value):
        return str(Locale.parse(language).territories.get(value, value))
    return value


def _day_of(seconds: int, language: str) -> str:
    try:
        return show_day(datetime.fromtimestamp(seconds, UTC).date().isoformat(), language)
    except (ValueError, OverflowError, OSError):
        return str(seconds)
