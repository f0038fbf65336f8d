"""Derived attributes: an answer in place of the facts it rests on (A-PR-05).

Invariant: a derived value holds nothing of its input but the answer; where the input is missing, impossible
or too vague to be sure, there is no value at all, never a guess. Everything here is pure; the day is the
United Kingdom's.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from config.attributes import CATALOGUE
from idp_adapters.identity import JsonValue

_UNITED_KINGDOM: Final = ZoneInfo("Europe/London")
_BIRTHDATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
# Area letters, district, space, sector and unit: BS 7666, and the one historic exception GIR 0AA is nobody's
# home.
_POSTCODE = re.compile(r"([A-Z]{1,2})[0-9][0-9A-Z]?[0-9][A-Z]{2}")
_COUNTRY_CODE = re.compile(r"[A-Z]{2}")
_UNITED_KINGDOM_NAMES: Final = frozenset({
    "GB", "GBR", "UK", "UNITED KINGDOM", "GREAT BRITAIN", "ENGLAND", "SCOTLAND", "WALES", "NORTHERN IRELAND",
    "CYMRU", "Y DEYRNAS UNEDIG",
})  # fmt: skip


def uk_date(now: datetime) -> date:
    """Return the calendar day in the United Kingdom at a moment (aware)."""
    return now.astimezone(_UNITED_KINGDOM).date()


def derived_value(name: str, attributes: Mapping[str, JsonValue], today: date) -> JsonValue | None:
    """Work out one derived attribute of the catalogue; None when it cannot be said for certain."""
    entry = CATALOGUE[name]
    if entry.age is not None:
        return age_over(attributes.get("birthdate"), entry.age, today)
    match name:
        case "postcode_area":
            return postcode_area(attributes.get("address"))
        case "country_of_residence":
            return country_of_residence(attributes.get("address"))
        case "name_initial":
            return name_initial(attributes.get("given_name") or attributes.get("name"))
        case _:
            return None


def age_over(birthdate: JsonValue | None, years: int, today: date) -> bool | None:
    """Tell whether somebody has reached an age; None where a partial date of birth leaves it open.

    Forms: `YYYY-MM-DD`, `YYYY-MM-00`, `YYYY-MM`, `YYYY-00-00`, `YYYY`. The year 0000 means that it is not
    known (OIDC Core §5.1). Who was born on 29 February reaches an age on 1 March in other years, as in UK
    law.
    """
    span = _possible_births(birthdate)
    if span is None:
        return None
    earliest, latest = span
    if earliest > today:
        return None
    if _age(latest, today) >= years:
        return True
    return False if _age(earliest, today) < years else None


def postcode_area(address: JsonValue | None) -> str | None:
    """Return the letters that a United Kingdom postcode starts with ("SW" of "SW1A 1AA")."""
    if not isinstance(address, dict):
        return None
    country, postcode = address.get("country"), address.get("postal_code")
    if country and not _is_united_kingdom(country):
        return None
    if not isinstance(postcode, str):
        return None
    match = _POSTCODE.fullmatch(postcode.upper().replace(" ", ""))
    return match[1] if match else None


def country_of_residence(address: JsonValue | None) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of an address's country; None for a name that is not surely one."""
    country = address.get("country") if isinstance(address, dict) else None
    if not isinstance(country, str):
        return None
    if _is_united_kingdom(country):
        return "GB"
    return country if _COUNTRY_CODE.fullmatch(country) else None


def name_initial(name: JsonValue | None) -> str | None:
    """Return the first letter of a name and its marks, in capitals where the script has them."""
    if not isinstance(name, str) or not name.strip():
        return None
    letters = unicodedata.normalize("NFC", name.strip())
    marks = 1
    while marks < len(letters) and unicodedata.combining(letters[marks]):
        marks += 1
    return letters[:marks].upper()


def _is_united_kingdom(country: JsonValue) -> bool:
    return isinstance(country, str) and country.strip().upper() in _UNITED_KINGDOM_NAMES


def _possible_births(birthdate: JsonValue | None) -> tuple[date, date] | None:
    """Return the first and the last day that a (partial) date of birth allows; None for no possible day."""
    match = _BIRTHDATE.fullmatch(birthdate) if isinstance(birthdate, str) else None
    if match is None:
        return None
    year, month, day = (int(part or 0) for part in match.groups())
    if year == 0 or (month == 0 and day != 0):
        return None
    try:
        if month == 0:
            return date(year, 1, 1), date(year, 12, 31)
        if day == 0:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except ValueError:
        return None


def _age(birth: date, today: date) -> int:
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
