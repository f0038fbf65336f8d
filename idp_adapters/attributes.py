"""Canonical attributes: a closed list of claims, each of its one JSON type, preserved exactly or refused.

Nothing outside the list gets in, nothing inside it is changed: no trimming, no case, no Unicode
normalisation, because a name belongs to its bearer. What is absent is absent: null, empty text and empty
collections say nothing. The list: OpenID Connect Core 5.1, and the claims of OpenID Connect for Identity
Assurance (Claims Registration 1.0).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from idp_adapters.errors import UntrustedAnswerError
from idp_adapters.identity import JsonValue
from idp_adapters.json_object import ReceivedJson

LONGEST_TEXT = 2_000
MOST_ITEMS = 50
_LATEST_TIME = 253_402_300_799  # the last second of the year 9999

# OpenID Connect Core 5.1: YYYY-MM-DD, 0000-MM-DD when the year is withheld, or YYYY alone.
_BIRTHDATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})-([0-9]{2}))?", re.ASCII)
_ANY_LEAP_YEAR = 2000

_ADDRESS_MEMBERS = (
    "formatted",
    "street_address",
    "locality",
    "region",
    "postal_code",
    "country",
    "country_code",
)
_PLACE_MEMBERS = ("country", "region", "locality")

Reader = Callable[[str, ReceivedJson], JsonValue | None]


def read_attributes(claims: Mapping[str, ReceivedJson]) -> dict[str, JsonValue]:
    """Return the canonical attributes among `claims`; every other member is dropped unread.

    Raises `UntrustedAnswerError`, naming the claim but never its value, when a value has another type than
    its claim, or is text with NUL, a lone surrogate or more than 2,000 characters, or a birth date that no
    calendar has.
    """
    attributes: dict[str, JsonValue] = {}
    for name, read in READERS.items():
        value = claims.get(name)
        if value is not None:
            said = read(name, value)
            if said is not None:
                attributes[name] = said
    return attributes


def read_text(name: str, value: ReceivedJson) -> str | None:
    """Return text exactly as it came, None when it is empty; raises `UntrustedAnswerError`."""
    if not isinstance(value, str):
        raise UntrustedAnswerError(f"{name} must be text")
    if len(value) > LONGEST_TEXT:
        raise UntrustedAnswerError(f"{name} is longer than {LONGEST_TEXT} characters")
    if "\0" in value:
        raise UntrustedAnswerError(f"{name} holds NUL")
    # JSON can write half of a surrogate pair; it is no character, and no UTF-8 can carry it on.
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise UntrustedAnswerError(f"{name} holds a lone surrogate")
    return value or None


def _read_truth(name: str, value: ReceivedJson) -> bool:
    if not isinstance(value, bool):
        raise UntrustedAnswerError(f"{name} must be true or false")
    return value


def _read_time(name: str, value: ReceivedJson) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UntrustedAnswerError(f"{name} must be a number of seconds")
    # The bounds refuse NaN and infinity too, and integers that no float can hold.
    if not 0 <= value <= _LATEST_TIME:
        raise UntrustedAnswerError(f"{name} is no time between 1970 and 9999")
    return value


def _read_birthdate(name: str, value: ReceivedJson) -> str | None:
    text = read_text(name, value)
    if text is None:
        return None
    parts = _BIRTHDATE.fullmatch(text)
    if parts is None:
        raise UntrustedAnswerError(f"{name} must be YYYY-MM-DD, 0000-MM-DD or YYYY")
    year, month, day = int(parts[1]), parts[2], parts[3]
    if month is None and year == 0:
        raise UntrustedAnswerError(f"{name} withholds the year and gives nothing else")
    try:
        date(year or _ANY_LEAP_YEAR, int(month or 1), int(day or 1))
    except ValueError as error:
        raise UntrustedAnswerError(f"{name} is a day that no calendar has") from error
    return text


def _object_of_text(members: tuple[str, ...]) -> Reader:
    def read(name: str, value: ReceivedJson) -> JsonValue | None:
        if not isinstance(value, dict):
            raise UntrustedAnswerError(f"{name} must be an object")
        said: dict[str, JsonValue] = {}
        for member in members:
            given = value.get(member)
            if given is not None:
                text = read_text(f"{name}.{member}", given)
                if text is not None:
                    said[member] = text
        return said or None

    return read


def _read_texts(name: str, value: ReceivedJson) -> JsonValue | None:
    if not isinstance(value, list):
        raise UntrustedAnswerError(f"{name} must be a list")
    if len(value) > MOST_ITEMS:
        raise UntrustedAnswerError(f"{name} has more than {MOST_ITEMS} items")
    texts: list[JsonValue] = [text for item in value if (text := read_text(name, item)) is not None]
    return texts or None


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "name": read_text,
        "given_name": read_text,
        "middle_name": read_text,
        "family_name": read_text,
        "nickname": read_text,
        "preferred_username": read_text,
        "profile": read_text,
        "picture": read_text,
        "website": read_text,
        "email": read_text,
        "email_verified": _read_truth,
        "gender": read_text,
        "birthdate": _read_birthdate,
        "zoneinfo": read_text,
        "locale": read_text,
        "phone_number": read_text,
        "phone_number_verified": _read_truth,
        "address": _object_of_text(_ADDRESS_MEMBERS),
        "updated_at": _read_time,
        "place_of_birth": _object_of_text(_PLACE_MEMBERS),
        "nationalities": _read_texts,
        "birth_family_name": read_text,
        "birth_given_name": read_text,
        "birth_middle_name": read_text,
        "salutation": read_text,
        "title": read_text,
        "msisdn": read_text,
        "also_known_as": read_text,
    }
)
"""Every canonical attribute, with the reader of its one JSON type."""
