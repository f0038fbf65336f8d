"""`python -m idp_adapters.certification.simulator` does what `countersign stub-provider` does."""

from __future__ import annotations

from idp_adapters.certification.simulator.cli import stub_provider

stub_provider(prog_name="stub-provider")
