"""The invented people's claims; `personas` says under which name each is known.

No value can belong to anybody: telephone numbers come from the ranges that Ofcom keeps for drama, e-mail and
web addresses from `.example`, postcodes from districts that do not exist.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIXTEEN_AND_A_BIT: Final = timedelta(days=16 * 365 + 4 + 100)
_LONG_GIVEN_NAME: Final = ("Wilhelmina-" * 14)[:149]
_LONG_FAMILY_NAME: Final = ("Featherstonehaugh-" * 9)[:150]


def _address(*, street: str, locality: str, region: str, postcode: str) -> dict[str, str]:
    return {
        "formatted": f"{street}\n{locality}\n{region}\n{postcode}\nUnited Kingdom",
        "street_address": street,
        "locality": locality,
        "region": region,
        "postal_code": postcode,
        "country": "GB",
    }


def complete(_today: date) -> dict[str, object]:
    """Has every standard claim and every claim of Identity Assurance."""
    return {
        "name": "Amelia Rose Thornbury",
        "given_name": "Amelia",
        "middle_name": "Rose",
        "family_name": "Thornbury",
        "nickname": "Millie",
        "preferred_username": "amelia.thornbury",
        "profile": "https://people.example/amelia",
        "picture": "https://people.example/amelia.png",
        "website": "https://amelia.example/",
        "email": "amelia.thornbury@people.example",
        "email_verified": True,
        "gender": "female",
        "birthdate": "1985-04-12",
        "zoneinfo": "Europe/London",
        "locale": "en-GB",
        "phone_number": "+447700900123",
        "phone_number_verified": True,
        "address": _address(
            street="17 Invented Terrace", locality="Exmouth", region="Devon", postcode="EX99 9ZZ"
        ),
        "updated_at": 1767225600,
        "place_of_birth": {"country": "GB", "region": "Devon", "locality": "Exeter"},
        "nationalities": ["GB"],
        "birth_family_name": "Fennimore",
        "birth_given_name": "Amelia",
        "birth_middle_name": "Rose",
        "salutation": "Ms",
        "title": "Dr",
        "msisdn": "447700900123",
        "also_known_as": "Millie Thorn",
    }


def _named(*, given_name: str, family_name: str, name: str = "", **other: object) -> dict[str, object]:
    """Give `complete` under another name, without the names that this person does not have."""
    claims = _without(
        complete(date.min),
        "middle_name",
        "nickname",
        "birth_middle_name",
        "also_known_as",
        "salutation",
        "title",
    )
    names = {
        "name": name or f"{given_name} {family_name}",
        "given_name": given_name,
        "family_name": family_name,
        "birth_given_name": given_name,
        "birth_family_name": family_name,
    }
    return {**claims, **names, **other}


def _without(claims: Mapping[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in claims.items() if name not in names}


def _contact(handle: str, drama_number: int) -> dict[str, str]:
    """Give the claims that reach one person only, so that no two personas can be taken for one by them."""
    return {
        "preferred_username": handle,
        "profile": f"https://people.example/{handle}",
        "picture": f"https://people.example/{handle}.png",
        "website": f"https://{handle.replace('.', '-')}.example/",
        "email": f"{handle}@people.example",
        "phone_number": f"+447700900{drama_number:03}",
        "msisdn": f"447700900{drama_number:03}",
    }


def mononym(_today: date) -> dict[str, object]:
    """Has one name, which is neither given nor family name."""
    claims = _without(
        _named(given_name="", family_name="", name="Solona", **_contact("solona", 201)),
        "given_name",
        "family_name",
        "birth_given_name",
        "birth_family_name",
    )
    return {**claims, "gender": "male", "birthdate": "1979-11-02"}


def long_name(_today: date) -> dict[str, object]:
    """Has a name of 300 characters."""
    return _named(
        given_name=_LONG_GIVEN_NAME,
        family_name=_LONG_FAMILY_NAME,
        birthdate="1968-02-29",
        **_contact("wilhelmina.long", 202),
    )


def welsh(_today: date) -> dict[str, object]:
    """Has letters that older systems lose: ŵ, ŷ, â."""
    return _named(
        given_name="Siân",
        family_name="Gŵynfryn Llŷr",
        birthdate="1991-03-01",
        locale="cy-GB",
        address=_address(street="3 Heol yr Ŵyn", locality="Tŷ Newydd", region="Gwynedd", postcode="LL99 9ZZ"),
        place_of_birth={"country": "GB", "region": "Gwynedd", "locality": "Pwllheli"},
        **_contact("sian.llyr", 203),
    )


def non_latin(_today: date) -> dict[str, object]:
    """Has a name in another script, family name first."""
    return _named(
        given_name="花子",
        family_name="山田",
        name="山田 花子",
        birthdate="1988-07-07",
        locale="ja-JP",
        nationalities=["JP"],
        place_of_birth={"country": "JP", "locality": "京都市"},
        **_contact("hanako.yamada", 204),
    )


def unknown_day(_today: date) -> dict[str, object]:
    """Know the year of birth only: Core §5.1 has no form for year and month, and allows `YYYY`."""
    return _named(
        given_name="Tariq",
        family_name="Undated",
        gender="male",
        birthdate="1985",
        **_contact("tariq.undated", 205),
    )


def no_address(_today: date) -> dict[str, object]:
    """Has no fixed address."""
    claims = _named(
        given_name="Robin", family_name="Wayfarer", birthdate="1974-09-30", **_contact("robin.wayfarer", 206)
    )
    return _without(claims, "address")


def under_18(today: date) -> dict[str, object]:
    """Is sixteen on whichever day is asked."""
    return _named(
        given_name="Poppy",
        family_name="Younger",
        birthdate=(today - _SIXTEEN_AND_A_BIT).isoformat(),
        **_contact("poppy.younger", 207),
    )


def second_complete(today: date) -> dict[str, object]:
    """Share name and date of birth with `complete` and nothing else that tells two people apart."""
    return {
        **complete(today),
        **_contact("amelia.the.other", 208),
        "nickname": "Amy",
        "also_known_as": "Amy Thornbury",
        "birth_family_name": "Thornbury",
        "title": "Prof",
        "address": _address(
            street="4 Another Mews", locality="Keswick", region="Cumbria", postcode="CA99 9ZZ"
        ),
        "place_of_birth": {"country": "GB", "region": "Cumbria", "locality": "Carlisle"},
    }


_GIVEN_NAMES: Final = (
    "Ada", "Basil", "Cora", "Dylan", "Edith", "Farid", "Greta", "Hugo", "Imogen", "Jasper", "Keira",
)  # fmt: skip
_MIDDLE_NAMES: Final = ("Alder", "Birch", "Cedar", "Elder", "Hazel", "Linden", "Rowan")
_FAMILY_NAMES: Final = (
    "Applegarth", "Brackenbury", "Cloverley", "Dunnock", "Elmstead", "Fernsby", "Greenhalgh", "Hollis",
    "Ivybridge", "Juniper", "Kestrel", "Larkspur", "Merriweather",
)  # fmt: skip
_TOWNS: Final = (
    ("Leeds", "West Yorkshire", "LS"),
    ("Norwich", "Norfolk", "NR"),
    ("Truro", "Cornwall", "TR"),
    ("York", "North Yorkshire", "YO"),
    ("Hull", "East Yorkshire", "HU"),
)


def one_of_a_crowd(number: int) -> dict[str, object]:
    """Give the person with this number; the lists' lengths share no factor, so neighbours differ."""
    given_name = _GIVEN_NAMES[number % len(_GIVEN_NAMES)]
    middle_name = _MIDDLE_NAMES[number % len(_MIDDLE_NAMES)]
    family_name = _FAMILY_NAMES[number % len(_FAMILY_NAMES)]
    town, region, area = _TOWNS[number % len(_TOWNS)]
    return {
        **complete(date.min),
        **_contact(f"person.{number}", number % 1000),
        "name": f"{given_name} {middle_name} {family_name}",
        "given_name": given_name,
        "middle_name": middle_name,
        "family_name": family_name,
        "nickname": f"{given_name}{number}",
        "gender": ("female", "male")[number % 2],
        "birthdate": (date(1950, 1, 1) + timedelta(days=number * 37 % 18_000)).isoformat(),
        "address": _address(
            street=f"{number + 1} Crowded Row", locality=town, region=region, postcode=f"{area}99 9ZZ"
        ),
        "place_of_birth": {"country": "GB", "region": region, "locality": town},
        "birth_given_name": given_name,
        "birth_middle_name": middle_name,
        "birth_family_name": family_name,
        "also_known_as": f"{given_name} of {town}",
    }
