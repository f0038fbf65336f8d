"""The benchmark's browser: what it keeps, and what it sends from a page's form."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from bench.browser import Browser, Form, find_form
from bench.errors import JourneyFailedError

PAGE = """
<form id="cancel" method="post" action="/cancel"><input type="hidden" name="form_token" value="no"></form>
<form class="a" id="agreement" method="post" action="/sign-in/A/agree?a=1&amp;b=2">
<input type="hidden" name="form_token" value="a&quot;b"><input name="share" type="checkbox" value="postcode_area">
<input value="en" name="language" type="hidden"><button name="decision" value="allow">Share</button></form>
"""


class Echo(BaseHTTPRequestHandler):
    """Sends back what it was sent; `/set` gives two cookies, `/forget` takes one away, `/bare` has no length."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._echo(b"")

    def do_POST(self) -> None:
        self._echo(self.rfile.read(int(self.headers["Content-Length"])))

    def _echo(self, body: bytes) -> None:
        echoed = f"{self.command} {self.path} {self.headers.get('Cookie', '')} ".encode() + body
        self.send_response(200)
        if self.path == "/set":
            self.send_header("Set-Cookie", "one=1; Path=/; HttpOnly")
            self.send_header("Set-Cookie", "two=2")
        if self.path == "/forget":
            self.send_header("Set-Cookie", "one=; Max-Age=0")
        if self.path != "/bare":
            self.send_header("Content-Length", str(len(echoed)))
        self.end_headers()
        self.wfile.write(echoed)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def browser(origin: str) -> Iterator[Browser]:
    browser = Browser(origin)
    yield browser
    browser.close()


def test_a_form_is_found_by_its_id_with_its_hidden_fields_only() -> None:
    assert find_form(PAGE, "agreement") == Form(
        action="/sign-in/A/agree?a=1&b=2", hidden=(("form_token", 'a"b'), ("language", "en"))
    )


def test_a_page_without_the_form_has_none() -> None:
    assert find_form(PAGE, "choose-provider") is None


def test_a_form_is_sent_with_its_hidden_fields_and_the_button_that_was_pressed(browser: Browser) -> None:
    form = Form(action="/choose", hidden=(("form_token", "a b&c"),))

    answer = browser.submit(form, ("provider", "northgate"))

    assert answer.body == b"POST /choose  form_token=a+b%26c&provider=northgate"


def test_cookies_are_kept_sent_back_and_forgotten(browser: Browser) -> None:
    browser.get("/set")
    assert browser.get("/page").body == b"GET /page one=1; two=2 "
    browser.get("/forget")
    assert browser.get("/page").body == b"GET /page two=2 "


def test_an_answer_of_unknown_length_is_refused(browser: Browser) -> None:
    with pytest.raises(JourneyFailedError, match="Content-Length"):
        browser.get("/bare")


def test_a_hub_that_is_not_there_fails_the_journey() -> None:
    with pytest.raises(JourneyFailedError, match="ConnectionRefusedError"):
        Browser("http://127.0.0.1:1").get("/authorize")
