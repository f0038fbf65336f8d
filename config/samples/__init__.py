"""Registries that ship with the hub."""

from pathlib import Path

DEMO_REGISTRY = Path(__file__).parent / "demo"
"""The registry of `make demo`, which the tests use too."""
