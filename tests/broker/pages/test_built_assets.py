"""The built files, and a hub that has none."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from broker.pages.built_assets import load_assets
from broker.pages.errors import AssetsMissingError


def test_the_built_files_are_served_under_their_hashed_names_alone() -> None:
    assets = load_assets()

    assert set(assets.files) == {assets.style_sheet, assets.icon}
    style = assets.files[assets.style_sheet]
    assert gzip.decompress(style.gzipped) == style.content
    assert b".countersign-provider" in style.content


@pytest.mark.parametrize(
    "manifest", [None, "not json", "{}", json.dumps({"countersign.css": "a.css", "favicon.svg": "b.svg"})]
)
def test_a_hub_without_its_files_says_how_to_build_them(tmp_path: Path, manifest: str | None) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)

    with pytest.raises(AssetsMissingError) as raised:
        load_assets(tmp_path)

    assert "npm run build" in raised.value.detail
