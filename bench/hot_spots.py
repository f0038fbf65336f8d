"""What a journey spends its time on, from profiles taken at each step.

A profile makes many small calls look dearer than they are, so only shares are shown. What the standard library
and the interpreter's built-in functions take is charged to whoever called them, in proportion.
"""

from __future__ import annotations

import pstats
from collections import Counter
from collections.abc import Iterable, Mapping
from cProfile import Profile
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.floor import Part
from bench.observed import Counted
from bench.steps import Step

_ROOT: Final = str(Path(__file__).resolve().parent.parent)
_KINDS: Final = (
    ("/sqlalchemy/", "database"),
    ("/joserfc/", "signatures and sealing"),
    ("/cryptography/", "signatures and sealing"),
    ("/jinja2/", "pages"),
    ("/markupsafe/", "pages"),
    ("/govuk_frontend_jinja/", "pages"),
    ("/flask_babel/", "pages"),
    ("/babel/", "pages"),
    ("/flask/", "web framework"),
    ("/werkzeug/", "web framework"),
    ("/blinker/", "web framework"),
    ("/requests/", "call to the provider"),
    ("/urllib3/", "call to the provider"),
    ("/idp_adapters/outbound/", "call to the provider"),
)
_OURS: Final = ("broker", "idp_adapters", "consent", "audit", "config")
_BUILT_IN: Final = (
    ("sqlite3", "database"),
    ("cryptography.hazmat", "signatures and sealing"),
    ("asn1.", "signatures and sealing"),
    ("_hashlib", "signatures and sealing"),
)
_PASSES: Final = 12

Function = tuple[str, int, str]


class _Spent(NamedTuple):
    """What the profiler knows of one function; `callers` splits the same four figures."""

    primitive_calls: int
    calls: int
    own: float
    cumulative: float
    callers: dict[Function, tuple[int, int, float, float]]


class Share(NamedTuple):
    """A part of something, of 1."""

    name: str
    share: float
    calls: float


def _spent(profiles: Iterable[Profile]) -> dict[Function, _Spent]:
    together: Any = None
    for profile in profiles:
        together = pstats.Stats(profile) if together is None else together.add(profile)
    return {} if together is None else {name: _Spent(*it) for name, it in together.stats.items()}


def uses_of_parts(counted: Counted) -> dict[Part, float]:
    """Count how often one journey does what the floor knows the price of; from a profiled run."""
    spent = _spent(counted.profiles.values())

    def calls(text: str) -> int:
        return sum(it.calls for name, it in spent.items() if text in f"{name[0]}:{name[2]}")

    totals = {
        Part.REQUEST: counted.journeys * len(counted.profiles),
        Part.CALL: calls("urllib3/connectionpool.py:urlopen"),
        Part.SIGN: calls("<method 'sign' of 'cryptography"),
        Part.VERIFY: calls("<method 'verify' of 'cryptography"),
        Part.SEAL: calls(".AESGCM'"),
        Part.COMMIT: counted.commits.total(),
    }
    return {part: total / counted.journeys for part, total in totals.items()}


def by_kind(counted: Counted, steps: Iterable[Step]) -> list[Share]:
    """Share out the CPU of some steps among kinds of work, dearest first; `calls` is not known of a kind."""
    spent = _spent(counted.profiles[step] for step in steps)
    known = {name: kind for name in spent if (kind := _kind(name)) is not None}
    charged = _charge(spent, known)
    totals: Counter[str] = Counter()
    for name, it in spent.items():
        for kind, share in charged.get(name, {"other": 1.0}).items():
            totals[kind] += share * it.own  # type: ignore[assignment]  # a Counter of seconds
    everything = sum(totals.values()) or 1.0
    return [Share(kind, own / everything, 0) for kind, own in totals.most_common()]


def by_cumulative(counted: Counted, steps: Iterable[Step], *, most: int) -> list[Share]:
    """List our own functions by what they and all they call take, dearest first."""
    spent = _spent(counted.profiles[step] for step in steps)
    ours = [(name, it) for name, it in spent.items() if _is_ours(name)]
    ours.sort(key=lambda pair: -pair[1].cumulative)
    return _shares(ours[:most], spent, counted.journeys, cumulative=True)


def by_own(counted: Counted, steps: Iterable[Step], *, most: int) -> list[Share]:
    """List all functions by what they take themselves, dearest first."""
    spent = _spent(counted.profiles[step] for step in steps)
    dearest = sorted(spent.items(), key=lambda pair: -pair[1].own)[:most]
    return _shares(dearest, spent, counted.journeys, cumulative=False)


def seconds(counted: Counted, steps: Iterable[Step]) -> float:
    """Give the CPU seconds that a profiled journey spent in some steps, the profiler's own included."""
    return sum(it.own for it in _spent(counted.profiles[step] for step in steps).values()) / counted.journeys


def _shares(
    chosen: list[tuple[Function, _Spent]],
    spent: Mapping[Function, _Spent],
    journeys: int,
    *,
    cumulative: bool,
) -> list[Share]:
    everything = sum(it.own for it in spent.values()) or 1.0
    return [
        Share(_label(name), (it.cumulative if cumulative else it.own) / everything, it.calls / journeys)
        for name, it in chosen
    ]


def _charge(
    spent: Mapping[Function, _Spent], known: Mapping[Function, str]
) -> dict[Function, dict[str, float]]:
    """Say for every function whose work it does: its own kind's, or its callers', in proportion to their time."""
    charged: dict[Function, dict[str, float]] = {name: {kind: 1.0} for name, kind in known.items()}
    unknown = [name for name in spent if name not in known]
    for _ in range(_PASSES):
        for name in unknown:
            shares: Counter[str] = Counter()
            for caller, (_, calls, own, _) in spent[name].callers.items():
                for kind, share in charged.get(caller, {}).items():
                    shares[kind] += share * (own or calls * 1e-9)  # type: ignore[assignment]
            whole = sum(shares.values())
            if whole:
                charged[name] = {kind: share / whole for kind, share in shares.items()}
    return charged


def _kind(name: Function) -> str | None:
    file, _, function = name
    if file.endswith(".html") or file == "<template>":
        return "pages"
    for part, kind in _KINDS if file != "~" else ():
        if part in file:
            return kind
    for part, kind in _BUILT_IN if file == "~" else ():
        if part in function:
            return kind
    return f"our {_package(file)}" if _is_ours(name) else None


def _is_ours(name: Function) -> bool:
    return name[0].startswith(tuple(f"{_ROOT}/{package}/" for package in _OURS))


def _package(file: str) -> str:
    """Name a module's package, or the module for one directly under the first level."""
    parts = file.removeprefix(f"{_ROOT}/").removesuffix(".py").split("/")
    return ".".join(parts[:2] if parts[0] in {"broker", "idp_adapters"} else parts[:1])


def _label(name: Function) -> str:
    file, line, function = name
    if file == "~":
        return function.strip("<>")
    short = file.removeprefix(f"{_ROOT}/").rpartition("site-packages/")[2]
    return f"{short}:{line} {function}"
