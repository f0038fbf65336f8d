"""Pages as the hub would build them, with stand-ins for the built files."""

from __future__ import annotations

import pytest

from broker.pages.rendering import Pages
from tests.broker.pages.page_views import FAKE_ASSETS, page_settings


@pytest.fixture(name="pages", scope="session")
def _pages() -> Pages:
    return Pages(page_settings(), assets=FAKE_ASSETS)
