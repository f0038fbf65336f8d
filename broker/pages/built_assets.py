"""The files that pages link to, as `deploy/assets/build.mjs` built them, held in memory.

Invariant: a file is served only under the name that carries the hash of its content, so it may be cached for
ever.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from broker.pages.errors import AssetsMissingError

_BUILT = Path(__file__).parent / "static"

_STYLE_SHEET = "countersign.css"
_ICON = "favicon.svg"

_MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file, plain and compressed."""

    media_type: str
    content: bytes
    gzipped: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltAssets:
    """The names that pages link to, and every file by its hashed name."""

    style_sheet: str
    icon: str
    files: Mapping[str, Asset]


def load_assets(directory: Path = _BUILT) -> BuiltAssets:
    """Read the built files that the pages use.

    Raises:
        AssetsMissingError: when they have not been built, or one that the manifest names is not there.

    """
    try:
        manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
        names = {name: str(manifest[name]) for name in (_STYLE_SHEET, _ICON)}
        files = {hashed: _read(directory / hashed) for hashed in names.values()}
    except (OSError, ValueError, KeyError) as error:
        raise AssetsMissingError(
            detail=f"expected built page assets in {directory}: {error!r}; build them with `npm run build`"
        ) from error
    return BuiltAssets(style_sheet=names[_STYLE_SHEET], icon=names[_ICON], files=MappingProxyType(files))


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    return Asset(
        media_type=_MEDIA_TYPES[path.suffix],
        content=content,
        # Without the time, so that every worker sends the same bytes.
        gzipped=gzip.compress(content, mtime=0),
    )
