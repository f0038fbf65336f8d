"""The pages are ours to look at: built whole, named by their content, and never passing for GOV.UK."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "broker" / "pages" / "static"


@pytest.fixture(name="manifest")
def _manifest() -> dict[str, str]:
    manifest: dict[str, str] = json.loads((STATIC / "manifest.json").read_text())
    return manifest


def test_every_asset_that_pages_link_to_is_built(manifest: dict[str, str]) -> None:
    assert set(manifest) == {"countersign.css", "favicon.svg"}
    assert {path.name for path in STATIC.iterdir()} == {"manifest.json", *manifest.values()}


def test_an_assets_name_changes_with_its_content(manifest: dict[str, str]) -> None:
    for plain, hashed in manifest.items():
        digest = hashlib.sha256((STATIC / hashed).read_bytes()).hexdigest()[:8]
        stem, _, suffix = plain.rpartition(".")

        assert hashed == f"{stem}.{digest}.{suffix}"


def test_no_asset_carries_the_font_crest_or_crown_of_gov_uk(manifest: dict[str, str]) -> None:
    for hashed in manifest.values():
        assert not re.search(
            r"GDS Transport|@font-face|crest|crown", (STATIC / hashed).read_text(), re.IGNORECASE
        )


def test_no_asset_refers_to_another_that_is_not_there(manifest: dict[str, str]) -> None:
    style_sheet = (STATIC / manifest["countersign.css"]).read_text()

    assert "url(" not in style_sheet


def test_the_header_is_not_in_the_blue_of_gov_uk(manifest: dict[str, str]) -> None:
    style_sheet = (STATIC / manifest["countersign.css"]).read_text()

    assert re.search(r"\.govuk-generic-header\{background:#082f37", style_sheet)
    assert "--govuk-brand-colour: #0d4b57" in style_sheet
