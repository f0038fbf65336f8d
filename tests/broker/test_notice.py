"""The notice: the words a consent is bound to."""

# ruff: noqa: RUF001 -- Welsh is written with the apostrophe that people read.

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

import broker.pages
from broker.notice import NOTICE_VERSION, build_notice, level_words, notice_frame
from broker.pages.catalogs import load_catalogs
from config.confidence import NAMEABLE_LEVELS, Level
from config.federation import LawfulBasis, LocalisedAddress, LocalisedText
from tests.broker.pages.page_views import ATTRIBUTES, MEDIUM, notice, service

# What the agreement page says around the notice, version by version. When this test fails, the page says something
# else than what people have agreed to: raise NOTICE_VERSION and add its line here.
AGREEMENT_PAGE = {"2026-11-1": "3d554ffcce287ceca4e1e9ed7b1bd27479194b04d3f9da51f6f37e259b5f1362"}


def test_one_notice_has_one_digest() -> None:
    assert notice().digest == notice().digest
    assert len(bytes.fromhex(notice().digest)) == hashlib.sha256().digest_size


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "rod-licence"},
        {"name": LocalisedText(en="Renew a rod licence")},
        {"organisation": "Lakes Agency"},
        {"lawful_basis": LawfulBasis.CONSENT},
        {"privacy_notice": None},
        {"privacy_notice": LocalisedAddress(en="https://rivers.example/other")},
        {"disclose_provider": True},
        {"attributes": ATTRIBUTES[:-1]},
        {"attributes": (*ATTRIBUTES[:-1], ATTRIBUTES[-1].model_copy(update={"required": True}))},
        {
            "attributes": (
                *ATTRIBUTES[:-1],
                ATTRIBUTES[-1].model_copy(update={"purpose": LocalisedText(en="Because")}),
            )
        },
        {"attributes": (ATTRIBUTES[1], ATTRIBUTES[0], *ATTRIBUTES[2:])},
    ],
    ids=str,
)
def test_whatever_a_person_reads_differently_has_another_digest(changes: dict[str, object]) -> None:
    assert notice(**changes).digest != notice().digest


def test_the_language_and_the_level_are_part_of_what_was_read() -> None:
    asking = service()
    low = build_notice(asking, asking.attributes, level=Level.parse("low.medium"), language="en")

    assert len({notice("en").digest, notice("cy").digest, low.digest}) == 3


def test_what_nobody_reads_does_not_change_the_notice() -> None:
    assert notice(redirect_uris=("https://rivers.example/new",)).digest == notice().digest


@pytest.mark.parametrize("basis", LawfulBasis)
def test_only_consent_is_called_consent(basis: LawfulBasis) -> None:
    english, welsh = notice("en", lawful_basis=basis), notice("cy", lawful_basis=basis)

    is_consent = basis is LawfulBasis.CONSENT
    assert ("consent" in english.agree_label) is is_consent
    assert ("withdraw" in english.basis) is is_consent
    assert ("cydsynio" in welsh.agree_label) is is_consent
    assert ("right to object" in english.basis) is (basis is LawfulBasis.PUBLIC_TASK)
    assert "Rivers Agency" in english.basis
    assert "Rivers Agency" in welsh.basis
    assert "{" not in english.basis + welsh.basis + english.lead + welsh.lead


def test_items_say_what_and_why_in_the_order_of_the_registration() -> None:
    items = notice("cy").items

    assert [(item.attribute, item.required) for item in items] == [
        ("name", True),
        ("age_over_18", True),
        ("address", False),
        ("postcode_area", False),
    ]
    assert items[0].purpose == "I’w argraffu ar y drwydded"


def test_a_registration_cannot_reach_into_our_own_words() -> None:
    odd = notice(organisation="{service} {0}", name=LocalisedText(en="{organisation}"))

    assert "{service} {0} asks for this information so that you can use “{organisation}”." in odd.lead


def test_every_level_has_words_of_its_own_in_both_languages() -> None:
    for language in ("en", "cy"):
        assert len({level_words(level, language) for level in NAMEABLE_LEVELS}) == len(NAMEABLE_LEVELS)
    assert (
        level_words(MEDIUM, "en") == "medium confidence in who you are, and a sign-in with medium protection"
    )
    assert level_words(MEDIUM, "cy").startswith("hyder canolig")


def test_the_agreement_page_keeps_its_words_as_long_as_the_notice_keeps_its_version() -> None:
    template = Path(broker.pages.__file__).parent / "templates" / "agreement.html"
    found = extract_from_file(
        "jinja2", template, keywords={"_": None, "gettext": None}, options={"trimmed": "true"}
    )
    welsh = load_catalogs()["cy"]
    said = [text for _, message, _, _ in found for text in (str(message), welsh.gettext(str(message)))]

    assert len(said) > 40
    assert AGREEMENT_PAGE[NOTICE_VERSION] == hashlib.sha256("\n".join(said).encode()).hexdigest()


def test_the_frame_changes_with_what_every_request_says_and_not_with_the_attributes_or_the_level() -> None:
    frame = notice_frame(service())

    assert notice_frame(service(attributes=ATTRIBUTES[:1])) == frame
    assert notice_frame(service(organisation="Lakes Agency")).version != frame.version
    welsh = LocalisedText(en=service().name.en, cy="Trwydded")
    assert notice_frame(service(name=welsh)).version != frame.version
    assert notice_frame(service(name=welsh)).digests["en"] == frame.digests["en"]
