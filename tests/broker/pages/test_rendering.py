"""Pages are well-formed, escaped, and carry nothing from elsewhere."""

# ruff: noqa: RUF001 -- pages are written with the signs that people read.

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from broker.outcomes import Outcome
from broker.pages.language import LANGUAGES
from broker.pages.rendering import Pages
from broker.pages.views import Chrome, SharedItem, SharedValue
from config.environment import Environment
from tests.broker.pages.page_elements import only, parse_page, text_of
from tests.broker.pages.page_views import (
    FAKE_ASSETS,
    agreement_view,
    choose_provider_view,
    chrome,
    every_page,
    failure_view,
    page_settings,
)

MARKUP = "<script>alert(1)</script>\"'&"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_one_heading_one_main_part_and_its_language(pages: Pages, language: str) -> None:
    for name, make in every_page(pages, language).items():
        root = parse_page(make())

        assert root.attrib["lang"] == language, name
        assert len(root.findall(".//h1")) == 1, name
        assert only(root, ".//main").attrib["id"] == "main-content", name
        assert text_of(only(root, "head/title")).endswith(" – Countersign"), name
        ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        assert len(ids) == len(set(ids)), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_a_script_a_style_or_anything_from_elsewhere(pages: Pages, language: str) -> None:
    for name, make in every_page(pages, language).items():
        for element in parse_page(make()).iter():
            assert element.tag not in {"script", "style", "iframe", "object", "embed", "img", "base"}, name
            assert "style" not in element.attrib, name
            assert not any(attribute.startswith("on") for attribute in element.attrib), name
            if element.tag == "link":
                assert element.attrib["href"].startswith("/static/"), name


def test_titles_of_errors_begin_with_error_and_those_of_choices_do_not(pages: Pages) -> None:
    titles = {
        name: text_of(only(parse_page(make()), "head/title"))
        for name, make in every_page(pages, "en").items()
    }

    own_choice = {"failure-completed", "failure-cancelled_by_citizen", "failure-refused_by_citizen"}
    for name, title in titles.items():
        is_error = name.startswith(("failure-", "error-")) and name not in own_choice
        assert title.startswith("Error: ") is is_error, name
    assert titles["failure-provider_busy"] == "Error: Northgate Identity is too busy now – Countersign"


def test_markup_in_names_is_shown_and_never_obeyed(pages: Pages) -> None:
    item = SharedItem(
        attribute="name",
        label="Name",
        purpose=MARKUP,
        required=True,
        values=(SharedValue(label=MARKUP, value=MARKUP),),
    )
    agreement = replace(
        agreement_view(),
        service=MARKUP,
        organisation=MARKUP,
        provider=MARKUP,
        lead=MARKUP,
        basis=MARKUP,
        items=(item,),
    )
    picker = replace(choose_provider_view(), service=MARKUP, organisation=MARKUP, level=MARKUP)
    failure = replace(
        failure_view(Outcome.PROVIDER_ERROR),
        service=MARKUP,
        provider=MARKUP,
        detail=MARKUP,
        return_url=MARKUP,
    )
    for page in (
        pages.agreement(agreement, chrome()),
        pages.choose_provider(picker, chrome()),
        pages.failure(failure, chrome(reference=MARKUP)),
        pages.static_page("home", replace(chrome(), switch_language_url=MARKUP)),
    ):
        assert "<script" not in page
        assert "alert(1)" in page
        assert next(parse_page(page).iter("script"), None) is None


def test_a_name_that_overrides_direction_is_shown_by_number_and_isolated(pages: Pages) -> None:
    name = "Ann\u202eelpmaS\u2066\x00\ud800"
    item = replace(agreement_view().items[0], values=(SharedValue(label="Name", value=name),))

    page = pages.agreement(replace(agreement_view(), items=(item,)), chrome())

    value = only(parse_page(page), ".//dd/bdi")
    assert text_of(value) == "Ann[U+202E]elpmaS[U+2066][U+0000][U+D800]"
    page.encode()


def test_a_name_of_300_characters_and_one_from_right_to_left_are_shown_whole(pages: Pages) -> None:
    for name in ("W" * 300, "محمد بن أحمد", "O’Brien-Ó Súilleabháin", "李小龍", "Nguyễn"):
        item = replace(agreement_view().items[0], values=(SharedValue(label="Name", value=name),))

        page = pages.agreement(replace(agreement_view(), items=(item,)), chrome())

        assert text_of(only(parse_page(page), ".//dd/bdi")) == name


def test_lines_of_an_address_are_isolated_one_by_one(pages: Pages) -> None:
    root = parse_page(pages.agreement(agreement_view(), chrome()))

    assert ["1 Mill Lane", "Bangor", "LL57 1AA", "Wales"] in [
        [text_of(line) for line in value.findall("bdi")] for value in root.iter("dd")
    ]


@pytest.mark.parametrize(
    ("environment", "issuer", "words"),
    [
        (Environment.LOCAL, "http://localhost:8400", "local hub for development"),
        (Environment.INTEGRATION, "https://hub.example", "hub for testing"),
        (Environment.PRODUCTION, "https://hub.example", None),
    ],
)
def test_a_hub_that_is_not_the_real_one_says_so_on_every_page(
    environment: Environment, issuer: str, words: str | None
) -> None:
    pages = Pages(page_settings(environment, issuer), assets=FAKE_ASSETS)

    for name, make in every_page(pages, "en").items():
        banner = parse_page(make()).find(".//header//*[@role='region']")
        assert (banner is None) is (words is None), name
        assert banner is None or (words or "") in text_of(banner), name


def test_the_other_language_is_one_link_away_except_where_that_would_repeat_an_action(pages: Pages) -> None:
    welsh = parse_page(pages.static_page("home", replace(chrome("cy"), switch_language_url="?lang=en")))
    fixed = parse_page(pages.static_page("home", chrome("cy", switch=False)))

    link = only(welsh, ".//nav//a")
    assert (link.attrib["href"], link.attrib["hreflang"], link.attrib["lang"]) == ("?lang=en", "en", "en")
    assert fixed.find(".//nav") is None


def test_links_stay_under_the_path_of_the_issuer() -> None:
    pages = Pages(page_settings(Environment.PRODUCTION, "https://example.org/hub"), assets=FAKE_ASSETS)

    page = pages.static_page(
        "cookies", Chrome(language="en", switch_language_url=None, local=False, reference=None)
    )

    assert all(path.startswith("/hub/") for path in re.findall(r'href="(/[^"]*)"', page))
    assert "__Host-session" in page


def test_cookies_of_a_local_hub_have_the_names_that_it_really_uses(pages: Pages) -> None:
    assert "__Host-" not in pages.static_page("cookies", chrome())
