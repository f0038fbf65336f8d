"""One browser at a demonstration service with a simulated hub behind it, and what its page says."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import responses
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.broker.demo.simulated_hub import SimulatedHub


@dataclass
class Visit:
    """One browser at the service, and the hub behind it."""

    browser: FlaskClient
    hub: SimulatedHub
    network: responses.RequestsMock

    def start(self, query: str = "") -> str:
        answer = self.browser.get(f"/start{query}")
        assert answer.status_code == 303, answer.text
        self.hub.now = int(datetime.now(UTC).timestamp())
        return answer.headers["Location"]

    def sign_in(self, query: str = "", **changes: str) -> TestResponse:
        callback = self.hub.authorize(self.start(query), **changes)
        return self.browser.get(callback, follow_redirects=True)


def error_of(page: TestResponse) -> tuple[str, str]:
    """Give `data-error` and `data-journey`; nobody may be signed in beside them."""
    assert 'id="received"' not in page.text
    found = re.search(r'id="error"[^>]* data-error="([^"]*)"[^>]* data-journey="([^"]*)"', page.text)
    assert found, page.text
    return found[1], found[2]


def received(page: TestResponse) -> dict[str, Any]:
    listed = re.search(r'<dl id="received">(.*?)</dl>', page.text, re.DOTALL)
    assert listed, page.text
    return {
        html.unescape(name): json.loads(html.unescape(value))
        for name, value in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", listed[1])
    }
