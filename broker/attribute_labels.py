"""What each attribute and claim is called on a page, in the hub's two languages.

Invariant: every attribute of the catalogue and every claim inside one has a label in both languages. A
consent binds to these words, so changing one asks for a new `broker.notice.NOTICE_VERSION`.
"""

# ruff: noqa: RUF001 -- Welsh is written with the apostrophe that people read, not with the one for code.

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from config.attributes import CATALOGUE


@dataclass(frozen=True, slots=True)
class Words:
    """One text in English and Welsh; neither can be left out."""

    en: str
    cy: str

    def text(self, language: str) -> str:
        """Return the Welsh text for `cy`, else the English one."""
        return self.cy if language == "cy" else self.en


_LABELS: Mapping[str, Words] = MappingProxyType(
    {
        "name": Words("Name", "Enw"),
        "given_name": Words("Given name", "Enw cyntaf"),
        "middle_name": Words("Middle name", "Enw canol"),
        "family_name": Words("Family name", "Cyfenw"),
        "nickname": Words("Nickname", "Llysenw"),
        "preferred_username": Words("Username", "Enw defnyddiwr"),
        "profile": Words("Profile page", "Tudalen broffil"),
        "picture": Words("Picture", "Llun"),
        "website": Words("Website", "Gwefan"),
        "gender": Words("Gender", "Rhywedd"),
        "birthdate": Words("Date of birth", "Dyddiad geni"),
        "zoneinfo": Words("Time zone", "Cylchfa amser"),
        "locale": Words("Preferred language", "Dewis iaith"),
        "updated_at": Words("When your details last changed", "Pryd y newidiodd eich manylion ddiwethaf"),
        "email": Words("Email address", "Cyfeiriad e-bost"),
        "email_verified": Words(
            "Whether your email address has been checked", "A yw eich cyfeiriad e-bost wedi’i wirio"
        ),
        "phone_number": Words("Phone number", "Rhif ffôn"),
        "phone_number_verified": Words(
            "Whether your phone number has been checked", "A yw eich rhif ffôn wedi’i wirio"
        ),
        "address": Words("Address", "Cyfeiriad"),
        "place_of_birth": Words("Place of birth", "Man geni"),
        "nationalities": Words("Nationality", "Cenedligrwydd"),
        "birth_family_name": Words("Family name at birth", "Cyfenw adeg geni"),
        "birth_given_name": Words("Given name at birth", "Enw cyntaf adeg geni"),
        "birth_middle_name": Words("Middle name at birth", "Enw canol adeg geni"),
        "salutation": Words("Form of address", "Ffurf gyfarch"),
        "title": Words("Title", "Teitl"),
        "msisdn": Words("Mobile phone number", "Rhif ffôn symudol"),
        "also_known_as": Words("Other names you use", "Enwau eraill a ddefnyddiwch"),
        "postcode_area": Words("First letters of your postcode", "Llythrennau cyntaf eich cod post"),
        "country_of_residence": Words("Country where you live", "Y wlad lle’r ydych yn byw"),
        "name_initial": Words("First letter of your name", "Llythyren gyntaf eich enw"),
        "born_in_year_range": Words(
            "Span of years in which you were born", "Y cyfnod o flynyddoedd y cawsoch eich geni ynddo"
        ),
    }
)

_CLAIM_LABELS: Mapping[str, Words] = MappingProxyType(
    {
        # The attribute `name` gives several claims; the whole name is one of them.
        "name": Words("Full name", "Enw llawn"),
        "formatted": Words("Address", "Cyfeiriad"),
        "street_address": Words("Street", "Stryd"),
        "locality": Words("Town or city", "Tref neu ddinas"),
        "region": Words("Region", "Rhanbarth"),
        "postal_code": Words("Postcode", "Cod post"),
        "country": Words("Country", "Gwlad"),
        "country_code": Words("Country code", "Cod gwlad"),
    }
)


def _age_label(age: int) -> Words:
    return Words(f"Whether you are {age} or over", f"A ydych yn {age} oed neu’n hŷn")


def label_attribute(attribute: str, language: str) -> str:
    """Return what an attribute of the catalogue is called.

    Raises:
        KeyError: for a name that the catalogue does not hold, which no registered service can ask for.

    """
    entry = CATALOGUE[attribute]
    words = _LABELS[attribute] if entry.age is None else _age_label(entry.age)
    return words.text(language)


def label_claim(claim: str, language: str) -> str:
    """Return what a claim, or a part of one, is called; a part that nobody named keeps its own name."""
    words = _CLAIM_LABELS.get(claim)
    if words is not None:
        return words.text(language)
    return label_attribute(claim, language) if claim in CATALOGUE else claim.replace("_", " ")
