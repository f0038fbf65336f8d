"""What a journey spends its CPU on, from sampled stacks, and how often it does what the floor knows the price of.

A sample belongs to the innermost function whose kind of work is known: what the standard library does, it does
for whoever called it.
"""

from __future__ import annotations

import pstats
import re
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path
from types import CodeType
from typing import Any, Final, NamedTuple

from bench.floor import Part
from bench.observed import Observation
from bench.samples import Stack
from bench.steps import Step

_ROOT: Final = f"{Path(__file__).resolve().parent.parent}/"
_OURS: Final = ("broker/", "idp_adapters/", "consent/", "audit/", "config/")
_OUTER: Final = ("/click/", "/flask/", "/werkzeug/")
_COMMIT: Final = "do_commit"
_ENGINE: Final = ("do_execute", "do_executemany", "fetchone", "fetchall", "one_or_none")
_LIBRARY: Final = re.compile(r"^.*/python3\.\d+/(site-packages/)?")
_KINDS: Final = (
    ("/joserfc/", "signatures and sealing"),
    ("/cryptography/", "signatures and sealing"),
    ("/broker/state/sealing.py", "signatures and sealing"),
    ("/broker/state/handles.py", "signatures and sealing"),
    ("/jinja2/", "pages"),
    ("/markupsafe/", "pages"),
    ("/flask_babel/", "pages"),
    ("/babel/", "pages"),
    ("/broker/pages/", "pages"),
    ("/broker/notice.py", "pages"),
    ("<template>", "pages"),
    ("/flask/", "web framework"),
    ("/werkzeug/", "web framework"),
    ("/blinker/", "web framework"),
    ("/requests/", "call to the provider"),
    ("/urllib3/", "call to the provider"),
    ("/idp_adapters/outbound/", "call to the provider"),
    ("/rfc8785/", "our audit"),
    ("/redis/", "calls of Redis"),
    ("/broker/state/redis_", "calls of Redis"),
)


class Share(NamedTuple):
    """A part of the CPU of some steps, of 1."""

    name: str
    share: float


def uses_of_parts(seen: Observation) -> dict[Part, float]:
    """Count how often one journey does what the floor knows the price of."""
    statistics: Any = pstats.Stats(seen.calls)
    counted: dict[str, int] = {
        f"{file}:{name}": figures[1] for (file, _, name), figures in statistics.stats.items()
    }

    def calls(text: str) -> float:
        return sum(number for label, number in counted.items() if text in label) / seen.passes.called

    return {
        Part.REQUEST: float(len(seen.cpu)),
        Part.CALL: calls("urllib3/connectionpool.py:urlopen"),
        Part.SIGN: calls("<method 'sign' of 'cryptography"),
        Part.VERIFY: calls("<method 'verify' of 'cryptography"),
        Part.SEAL: calls(".AESGCM'"),
        Part.COMMIT: seen.commits_per_journey,
        Part.REDIS: seen.round_trips_per_journey,
    }


def samples_in(seen: Observation, steps: Collection[Step]) -> int:
    """Give how many samples the shares of these steps rest on."""
    return sum(number for (step, _), number in seen.stacks.items() if step in steps)


def by_kind(seen: Observation, steps: Collection[Step]) -> list[Share]:
    """Share out the CPU of some steps among kinds of work, dearest first."""
    return _shares(seen, steps, lambda stack: {_kind_of(stack)})


def by_function(seen: Observation, steps: Collection[Step]) -> list[Share]:
    """Share out the CPU of some steps among functions with all that they call, dearest first.

    Ours and the libraries' below them; the web framework above them is left out. Shares add up to more than 1.
    """
    return _shares(seen, steps, lambda stack: {_label(code) for code in stack if not _is_around(code)})


def by_own(seen: Observation, steps: Collection[Step]) -> list[Share]:
    """Share out the CPU of some steps among functions by themselves, dearest first."""
    return _shares(seen, steps, lambda stack: {_own_label(stack)})


def _shares(
    seen: Observation, steps: Collection[Step], names: Callable[[Stack], Collection[str]]
) -> list[Share]:
    totals: Counter[str] = Counter()
    for (step, stack), number in seen.stacks.items():
        if step in steps:
            totals.update(dict.fromkeys(names(stack), number))
    everything = samples_in(seen, steps) or 1
    return [Share(name, number / everything) for name, number in totals.most_common()]


def _kind_of(stack: Stack) -> str:
    return next((kind for code in stack if (kind := _kind(code)) is not None), "other")


def _kind(code: CodeType) -> str | None:
    file = code.co_filename
    if "/sqlalchemy/" in file:
        if code.co_name == _COMMIT:
            return "database: commits"
        return "database: statements" if code.co_name in _ENGINE else "database: SQLAlchemy around them"
    if file.endswith(".html"):
        return "pages"
    for part, kind in _KINDS:
        if part in file:
            return kind
    return f"our {_package(file)}" if _is_ours(code) else None


def _is_ours(code: CodeType) -> bool:
    return code.co_filename.removeprefix(_ROOT).startswith(_OURS)


def _is_around(code: CodeType) -> bool:
    """Whether a function is part of what surrounds the hub: server, framework, benchmark, standard library."""
    file = code.co_filename
    return not (_is_ours(code) or ("/site-packages/" in file and not any(part in file for part in _OUTER)))


def _package(file: str) -> str:
    """Name a module's package: two levels where a package has rooms of its own."""
    parts = file.removeprefix(_ROOT).removesuffix(".py").split("/")
    return ".".join(parts[:2] if parts[0] in {"broker", "idp_adapters"} else parts[:1])


def _own_label(stack: Stack) -> str:
    """Name the innermost function; what a dataclass generated for itself has a name only by its caller."""
    if stack[0].co_filename == "<string>" and len(stack) > 1:
        return f"{stack[0].co_name} called by {_label(stack[1])}"
    return _label(stack[0])


def _label(code: CodeType) -> str:
    short = _LIBRARY.sub("", code.co_filename.removeprefix(_ROOT))
    return f"{short}:{code.co_firstlineno} {code.co_name}"
