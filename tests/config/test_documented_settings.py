from __future__ import annotations

import re
from pathlib import Path

from config.settings import PREFIX, Settings

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


def test_every_setting_is_documented_and_nothing_else() -> None:
    documented = re.findall(r"^\| `(COUNTERSIGN_\w+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(documented) == sorted(f"{PREFIX}{name.upper()}" for name in Settings.model_fields)


def test_documented_defaults_are_the_real_ones() -> None:
    rows = dict(
        re.findall(
            r"^\| `COUNTERSIGN_(\w+)` \| ([^|]+) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    for name, field in Settings.model_fields.items():
        if not field.is_required():
            expected = "none" if not field.default else f"`{field.default}`"
            assert rows[name.upper()] == expected
