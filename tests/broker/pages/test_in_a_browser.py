"""Pages as Chromium shows them: axe finds nothing, nothing is wider than a telephone, nothing else is loaded."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from broker.pages.built_assets import load_assets
from broker.pages.language import LANGUAGES
from broker.pages.rendering import Pages
from broker.pages.security import security_headers
from broker.pages.standing import Standing
from broker.pages.static_pages import create_static_pages
from broker.pages.views import SharedValue
from tests.broker.pages.page_views import (
    agreement_view,
    choose_provider_view,
    chrome,
    every_page,
    page_settings,
)

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"

# The page that waits for another request of the same person looks again by itself; nobody loses anything by it, and
# there is a button as well. /accessibility says so.
REFRESHES_ITSELF = f"notice-{Standing.WAITING}"

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff" * 9
"""More than 300 characters without a place to break."""


def _made(language: str) -> dict[str, str]:
    pages = Pages(page_settings(), assets=load_assets())
    made = {name: make() for name, make in every_page(pages, language).items()}
    picker = choose_provider_view(language)
    agreement = agreement_view(language)
    long_values = (SharedValue(label=LONG_NAME, value=LONG_NAME),)
    long_items = tuple(
        replace(item, label=LONG_NAME, purpose=LONG_NAME, values=long_values) for item in agreement.items
    )
    made["choose_provider-long"] = pages.choose_provider(
        replace(
            picker,
            service=LONG_NAME,
            organisation=LONG_NAME,
            providers=tuple(replace(provider, name=LONG_NAME) for provider in picker.providers),
        ),
        chrome(language),
    )
    made["agreement-long"] = pages.agreement(
        replace(
            agreement,
            service=LONG_NAME,
            organisation=LONG_NAME,
            provider=LONG_NAME,
            items=long_items,
            lead=LONG_NAME,
        ),
        chrome(language),
    )
    return made


class _Quiet(WSGIRequestHandler):
    """Says nothing about each request, so that a failing test's report can be read."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del code, size


MADE = {language: _made(language) for language in LANGUAGES}


@pytest.fixture(name="address", scope="module")
def _address() -> Iterator[str]:
    pages = Pages(page_settings(), assets=load_assets())
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(create_static_pages(pages))

    def show(language: str, name: str) -> Response:
        return Response(MADE[language][name], headers=list(security_headers(https=False)))

    app.add_url_rule("/shown/<language>/<name>", "shown", show)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(name="browser", scope="module")
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-dev-shm-usage",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(name="tab")
def _tab(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        yield context.new_page()


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_any_page(tab: Page, address: str, language: str) -> None:
    axe = AXE.read_text()
    for name in MADE[language]:
        tab.goto(f"{address}/shown/{language}/{name}")
        for details in tab.query_selector_all("details"):
            details.evaluate("element => { element.open = true }")
        tab.evaluate(axe)
        rules = {"meta-refresh": {"enabled": name != REFRESHES_ITSELF}, "target-size": {"enabled": True}}
        found = tab.evaluate("async rules => (await axe.run({rules})).violations", rules)

        assert [(violation["id"], violation["nodes"][0]["html"]) for violation in found] == [], name


def test_nothing_is_wider_than_a_small_telephone(tab: Page, address: str) -> None:
    tab.set_viewport_size({"width": 320, "height": 640})
    for language in LANGUAGES:
        for name in MADE[language]:
            tab.goto(f"{address}/shown/{language}/{name}")
            for details in tab.query_selector_all("details"):
                details.evaluate("element => { element.open = true }")

            assert tab.evaluate("document.documentElement.scrollWidth") == 320, name


def test_a_page_loads_its_own_files_and_breaks_no_rule_of_its_policy(tab: Page, address: str) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("response", lambda response: None if response.ok else complaints.append(response.url))
    tab.on("console", lambda message: complaints.append(message.text))
    for name in ("choose_provider", "agreement", "home"):
        tab.goto(f"{address}/shown/en/{name}", wait_until="networkidle")

        assert tab.evaluate(
            "getComputedStyle(document.querySelector('.govuk-generic-header')).backgroundColor"
        ) == ("rgb(8, 47, 55)")
    assert complaints == []
    assert asked
    assert all(url.startswith(f"{address}/") for url in asked)


def test_a_page_can_be_used_with_the_keyboard_alone(tab: Page, address: str) -> None:
    tab.goto(f"{address}/shown/en/agreement")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to main content"

    reached = []
    for _ in range(30):
        tab.keyboard.press("Tab")
        reached.append(tab.evaluate("document.activeElement.value || document.activeElement.tagName"))
    assert {"allow", "refuse", "address", "postcode_area", "SUMMARY"} <= set(reached)


def test_a_value_is_hidden_until_it_is_opened(tab: Page, address: str) -> None:
    tab.goto(f"{address}/shown/en/agreement")
    value = tab.get_by_text("Ann Elizabeth Sample", exact=True)
    assert not value.is_visible()

    tab.locator("summary").first.click()

    assert value.is_visible()
