"""`python -m broker.cli` does what `countersign` does."""

from __future__ import annotations

from broker.cli import main

main(prog_name="countersign")
