"""What is installed is what was locked: every version with its hash, and no address to fetch it from."""

from __future__ import annotations

import ast
import json
import os
import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("broker", "idp_adapters", "consent", "audit", "config")
PYTHON_LOCKS = sorted(ROOT.glob("requirements*.lock"))
REGISTRY_HOST = re.compile(r"\b(pypi|pythonhosted|npmjs|yarnpkg|debian)\.(org|com)\b")
NOT_WRITTEN_HERE = {".venv", ".git", "node_modules", "static", "build", "dist", ".demo", "__pycache__"}

# SQLAlchemy loads its driver by the scheme of a URL, Jinja a package of templates by its name.
LOADED_BY_NAME = {"psycopg", "govuk-frontend-jinja"}


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def _written_here() -> Iterator[Path]:
    for directory, folders, names in os.walk(ROOT):
        folders[:] = [
            name for name in folders if name not in NOT_WRITTEN_HERE and not name.endswith("_cache")
        ]
        yield from (Path(directory, name) for name in names)


def _imported(*folders: str) -> set[str]:
    """Return the top-level names that the modules in these folders import."""
    names: set[str] = set()
    for module in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Import):
                names.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names


def _normalised(requirement: str) -> str:
    name = re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def _distributions_imported_by(*folders: str) -> set[str]:
    providers = metadata.packages_distributions()
    return {_normalised(name) for module in _imported(*folders) for name in providers.get(module, ())}


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_one_version_and_its_hashes(lock: Path) -> None:
    requirements = re.split(r"\n(?=[A-Za-z0-9])", lock.read_text())[1:]

    assert requirements
    for requirement in requirements:
        assert re.match(r"[\w.\[\],-]+==[\w.]+ ", requirement), requirement.splitlines()[0]
        assert "--hash=sha256:" in requirement, requirement.splitlines()[0]


def test_the_page_packages_are_locked_with_their_hashes_and_without_an_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    for path, package in packages.items():
        assert "resolved" not in package, path
        assert not path or package["integrity"].startswith("sha512-"), path


def test_no_file_names_the_host_of_a_package_registry() -> None:
    named = [
        str(path.relative_to(ROOT))
        for path in _written_here()
        if REGISTRY_HOST.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]

    assert named == []


def test_the_style_sheet_is_of_the_version_that_the_templates_were_written_for() -> None:
    description = metadata.metadata("govuk-frontend-jinja").json["description"]
    templates = metadata.version("govuk-frontend-jinja")
    row = re.search(rf"^\| \[{re.escape(templates)}\]\S+\s+\| \[([\d.]+)\]", str(description), re.MULTILINE)

    assert row is not None
    assert json.loads((ROOT / "package.json").read_text())["dependencies"]["govuk-frontend"] == row[1]


def test_every_runtime_dependency_is_imported() -> None:
    project = _pyproject()["project"]
    declared = set(map(_normalised, project["dependencies"]))
    for extra in ("demo", "postgres", "redis"):
        declared |= set(map(_normalised, project["optional-dependencies"][extra]))

    assert sorted(declared - LOADED_BY_NAME - _distributions_imported_by(*PACKAGES)) == []


def test_the_product_imports_no_library_that_only_the_tests_install() -> None:
    only_for_tests = set(map(_normalised, _pyproject()["project"]["optional-dependencies"]["dev"]))

    assert sorted(_distributions_imported_by(*PACKAGES) & only_for_tests) == []
