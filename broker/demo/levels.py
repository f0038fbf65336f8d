"""Levels of assurance as a service understands them: `urn:countersign:level:<proofing>.<protection>`.

A level is enough when it is at least as high as an accepted one on both axes; anything unreadable is not
enough.
"""

from __future__ import annotations

LEVEL_PREFIX = "urn:countersign:level:"
_PROOFING = ("none", "low", "medium", "high", "very_high")
_PROTECTION = ("low", "medium", "high")


def is_enough(reached: object, accepted: tuple[str, ...]) -> bool:
    """Say whether the `acr` that came is as good as one of the accepted; never for a foreign value."""
    got = _ranks(reached)
    return got is not None and any(
        got[0] >= least[0] and got[1] >= least[1] for least in map(_ranks, accepted) if least is not None
    )


def _ranks(level: object) -> tuple[int, int] | None:
    if not isinstance(level, str) or not level.startswith(LEVEL_PREFIX):
        return None
    proofing, _, protection = level.removeprefix(LEVEL_PREFIX).partition(".")
    if proofing not in _PROOFING or protection not in _PROTECTION:
        return None
    return _PROOFING.index(proofing), _PROTECTION.index(protection)
