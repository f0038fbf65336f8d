"""Every metric is documented for whoever watches it, and nothing is that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
NAME = re.compile(r"countersign_[a-z_]+")


def test_every_metric_is_documented_and_nothing_else() -> None:
    sources = [REPOSITORY / "broker" / "metrics" / name for name in ("instruments.py", "exposition.py")]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    # A counter's samples end in _total, which prometheus-client adds.
    made = {f"{name}_total" if kind == "Counter" else name for kind, name in _made(text)}
    document = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    assert set(NAME.findall(document)) == made


def _made(text: str) -> list[tuple[str, str]]:
    return re.findall(r"(Counter|Gauge|Histogram|GaugeMetricFamily)\(\s*\"(countersign_[a-z_]+)\"", text)
