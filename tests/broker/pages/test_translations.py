"""No page is half Welsh: every text is translated, and no text stands outside the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from gettext import NullTranslations
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import broker.pages
from broker.attribute_labels import label_attribute, label_claim
from broker.outcomes import Outcome
from broker.pages.catalogs import load_catalogs
from broker.pages.rendering import Pages
from broker.pages.views import SharedItem
from config.attributes import CATALOGUE
from tests.broker.pages.page_elements import parse_page, visible_texts, without_bracketed
from tests.broker.pages.page_views import (
    FAKE_ASSETS,
    REFERENCE,
    agreement_view,
    choose_provider_view,
    every_page,
    failure_view,
    page_settings,
)

PACKAGE = Path(broker.pages.__file__).parent
WELSH = PACKAGE / "translations" / "cy" / "LC_MESSAGES" / "messages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)s")

# Names, addresses and codes that are no language's words.
UNTRANSLATED = (
    "Countersign",
    "English",
    "Cymraeg",
    "ico.org.uk/make-a-complaint",
    "equalityadvisoryservice.com",
    "countersign-journey-…",
    "countersign-session",
    "lang",
)


def _source_texts() -> set[str]:
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    options = {"templates/**.html": {"trimmed": "true"}}
    keywords: dict[str, None] = dict.fromkeys(("_", "gettext", "mark"))
    found = extract_from_dir(PACKAGE, methods, options, keywords=keywords)
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def _welsh() -> Catalog:
    with WELSH.open("rb") as source:
        return read_po(source, locale="cy", abort_invalid=True)


def test_every_text_of_the_pages_has_finished_welsh_and_none_is_left_over() -> None:
    entries = {str(entry.id): entry for entry in _welsh() if entry.id}

    assert _source_texts() - set(entries) == set()
    assert set(entries) - _source_texts() == set()
    assert [message for message, entry in entries.items() if entry.fuzzy or not entry.string] == []
    assert len(entries) > 200


def test_welsh_texts_are_welsh_and_keep_their_placeholders() -> None:
    for entry in _welsh():
        if entry.id:
            assert entry.string != entry.id, entry.id
            assert sorted(set(PLACEHOLDER.findall(str(entry.id)))) == sorted(
                set(PLACEHOLDER.findall(str(entry.string)))
            ), entry.id


def test_an_unfinished_translation_falls_back_to_english(tmp_path: Path) -> None:
    folder = tmp_path / "cy" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        '#, fuzzy\nmsgid "Privacy"\nmsgstr "Guessed"\n\nmsgid "Cookies"\nmsgstr "Cwcis"\n'
    )

    welsh = load_catalogs(tmp_path)["cy"]

    assert (welsh.gettext("Privacy"), welsh.gettext("Cookies")) == ("Privacy", "Cwcis")


class _Brackets(NullTranslations):
    """A language in which every text of ours stands in brackets, so that any other text stands out."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"


def _values() -> Iterator[str]:
    """Yield what views and settings put on the pages, the longest first so that no part of one is left."""
    settings = page_settings()
    agreement, picker = agreement_view(), choose_provider_view()
    consent = agreement_view(lawful_basis="consent", disclose_provider=True)
    texts = [REFERENCE, *UNTRANSLATED, settings.contact_email, settings.privacy_email or "", picker.level]
    texts += [settings.contact_phone or "", *(settings.contact_address or "").split("\n")]
    for view in (agreement, consent):
        texts += [view.service, view.organisation, view.lead, view.basis, view.agree_label, view.refuse_label]
        texts += view.already_agreed
        for item in view.items:
            texts += list(_item_texts(item))
    texts += [code for outcome in Outcome for code in (outcome.value, outcome.oauth_error or "")]
    texts += [provider.name for provider in picker.providers]
    texts.append(failure_view(Outcome.SERVICE_REQUEST_INVALID).detail or "")
    yield from sorted((text for text in texts if text), key=len, reverse=True)


def _item_texts(item: SharedItem) -> Iterator[str]:
    yield item.label
    yield item.purpose
    for value in item.values:
        yield value.label
        yield from value.value.split("\n")


def test_no_visible_text_stands_outside_the_catalogue() -> None:
    pages = Pages(page_settings(), assets=FAKE_ASSETS, catalogs={"en": _Brackets()})
    values = list(_values())

    for name, make in every_page(pages, "en").items():
        for text in visible_texts(parse_page(make())):
            rest = without_bracketed(text)
            for value in values:
                rest = rest.replace(value, " ")
            assert not re.search(r"\w", rest), (name, rest.split())


def test_every_attribute_and_claim_has_a_label_in_both_languages() -> None:
    for attribute, entry in CATALOGUE.items():
        labels = [label_attribute(attribute, language) for language in ("en", "cy")]
        assert all(labels), attribute
        assert labels[0] != labels[1], attribute
        for claim in entry.claims:
            assert label_claim(claim, "cy") != label_claim(claim, "en"), claim


def test_a_part_that_nobody_named_is_shown_under_its_own_name() -> None:
    assert label_claim("house_number", "cy") == "house number"
