"""The door to pages about the hub itself, to the files they link to, and from addresses that lead nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from broker.outcomes import Outcome
from broker.pages.rendering import Pages
from broker.pages.static_pages import create_static_pages
from config.environment import Environment
from tests.broker.pages.page_elements import only, parse_page, text_of
from tests.broker.pages.page_views import FAKE_ASSETS, REFERENCE, page_settings

PATHS = [
    "/",
    "/privacy",
    "/cookies",
    "/accessibility",
    "/contact",
    *(f"/outcomes/{outcome}" for outcome in Outcome),
]


def _client(pages: Pages) -> FlaskClient:
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(create_static_pages(pages))
    app.add_url_rule("/large", "large", lambda: abort(413))
    return app.test_client()


@pytest.fixture(name="client")
def _local_client(pages: Pages) -> FlaskClient:
    return _client(pages)


@pytest.mark.parametrize("path", PATHS)
def test_every_static_page_is_there_in_both_languages_with_its_headers(
    client: FlaskClient, path: str
) -> None:
    for language in ("en", "cy"):
        answer = client.get(path, headers={"Accept-Language": language})

        assert answer.status_code == 200
        assert parse_page(answer.text).attrib["lang"] == language
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Vary"] == "Accept-Language, Cookie"
        assert "Set-Cookie" not in answer.headers


def test_the_switch_shows_the_page_in_the_other_language_and_remembers_it(client: FlaskClient) -> None:
    link = only(parse_page(client.get("/privacy").text), ".//nav//a").attrib["href"]
    assert link == "?lang=cy"

    switched = client.get(f"/privacy{link}")

    assert parse_page(switched.text).attrib["lang"] == "cy"
    assert switched.headers["Set-Cookie"].startswith("lang=cy; ")
    assert "Max-Age=31536000; HttpOnly; Path=/; SameSite=Lax" in switched.headers["Set-Cookie"]
    assert parse_page(client.get("/cookies").text).attrib["lang"] == "cy"


def test_the_language_cookie_of_a_real_hub_travels_by_tls_alone() -> None:
    pages = Pages(page_settings(Environment.PRODUCTION, "https://hub.example"), assets=FAKE_ASSETS)

    answer = _client(pages).get("/?lang=en")

    assert "; Secure; " in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"]


def test_a_language_that_we_do_not_speak_is_not_remembered(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/?lang=fr").headers


def test_an_outcome_page_shows_a_well_formed_reference_and_keeps_it_when_switching(
    client: FlaskClient,
) -> None:
    root = parse_page(client.get(f"/outcomes/provider_busy?journey={REFERENCE}").text)

    assert text_of(only(root, ".//*[@id='journey-reference']")) == REFERENCE
    assert only(root, ".//*[@id='outcome']").attrib["data-party"] == "provider"
    assert only(root, ".//nav//a").attrib["href"] == f"?journey={REFERENCE}&lang=cy"
    assert "temporarily_unavailable" in text_of(root)


@pytest.mark.parametrize(
    "journey", ["<script>", "ILOU-ILOU-ILOU", "7KQ2-M9XD", f"{REFERENCE}-", f"{REFERENCE}\n"]
)
def test_a_reference_that_is_none_is_not_shown(client: FlaskClient, journey: str) -> None:
    answer = client.get("/outcomes/expired", query_string={"journey": journey})

    assert answer.status_code == 200
    assert parse_page(answer.text).find(".//*[@id='journey-reference']") is None


@pytest.mark.parametrize(
    "path", ["/nowhere", "/outcomes/nothing", "/outcomes/", "/static/manifest.json", "/static/../x"]
)
def test_an_address_that_leads_nowhere_gets_a_page_that_nobody_stores(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert text_of(only(parse_page(answer.text), ".//h1")) == "Page not found"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_a_wrong_method_is_answered_with_a_page_and_the_right_methods(client: FlaskClient) -> None:
    answer = client.post("/privacy")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert parse_page(answer.text).find(".//h1") is not None


def test_a_request_that_is_too_large_is_answered_with_a_page(client: FlaskClient) -> None:
    answer = client.get("/large")

    assert answer.status_code == 413
    assert "too large" in answer.text


def test_assets_are_kept_for_ever_and_compressed_for_those_who_can_read_that(client: FlaskClient) -> None:
    plain = client.get("/static/countersign.0.css")
    compressed = client.get("/static/countersign.0.css", headers={"Accept-Encoding": "gzip, br"})

    assert (plain.data, compressed.data) == (b"a{}", b"zipped")
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    for answer in (plain, compressed):
        assert answer.content_type == "text/css; charset=utf-8"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_browsers_that_ask_for_an_icon_by_its_old_name_get_one_that_may_change(client: FlaskClient) -> None:
    answer = client.get("/favicon.ico")

    assert answer.content_type == "image/svg+xml"
    assert "immutable" not in answer.headers["Cache-Control"]


def test_a_contact_that_is_not_set_is_left_out() -> None:
    settings = replace(page_settings(), contact_phone=None, contact_address=None, privacy_email=None)
    client = _client(Pages(settings, assets=FAKE_ASSETS))

    assert "Telephone" not in client.get("/contact").text
    assert "help@countersign.example" in client.get("/privacy").text
