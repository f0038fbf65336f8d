"""Conventions about modules: one noun each, small, and with a home that has a name."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("broker", "idp_adapters", "consent", "audit", "config")
LONGEST_MODULE = 300
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "base"}
MODULES = sorted(
    path
    for package in PACKAGES
    for path in (REPOSITORY / package).rglob("*.py")
    if "migrations" not in path.parts
)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_a_module_fits_on_a_few_screens(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


def test_every_room_has_a_name() -> None:
    assert not [path for path in MODULES if NAMELESS & {path.stem, *path.parent.parts}]


def test_every_module_says_what_it_holds() -> None:
    silent = [path for path in MODULES if not path.read_text(encoding="utf-8").lstrip().startswith('"""')]
    assert not silent


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_what_it_is_for(package: str) -> None:
    assert (REPOSITORY / package / "README.md").is_file()
