"""The people whom simulated providers know: the same for every provider and on every start.

`sub` does not spell out the persona, so that a search of a database for it finds nothing by accident.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from idp_adapters.certification.simulator import people
from idp_adapters.certification.simulator.errors import UnknownPersonaError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT_PERSONA: Final = "complete"
_CROWD: Final = re.compile(r"complete-(0|[1-9][0-9]{0,9})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One invented person: a stable subject and claims; Core §5.1, Identity Assurance claims §4."""

    persona: str
    subject: str
    claims: Mapping[str, object]


@lru_cache(maxsize=4096)
def person(persona: str, today: date) -> Person:
    """Give the same person for the same persona always; only `under-18` depends on the day.

    Raises `UnknownPersonaError`.
    """
    if (crowd := _CROWD.fullmatch(persona)) is not None:
        claims = people.one_of_a_crowd(int(crowd[1]))
    elif (fixed := _FIXED.get(persona)) is not None:
        claims = fixed(today)
    else:
        raise UnknownPersonaError("This provider knows no such persona.", detail=f"persona {persona!r:.80}")
    return Person(persona=persona, subject=_subject(persona), claims=claims)


def withheld_person(seed: str) -> Person:
    """Give a stand-in for a suspected fraud, who says nothing of anybody, under a subject of its own."""
    return Person(
        persona="withheld",
        subject=_subject(f"withheld:{seed}"),
        claims={"name": "Withheld", "given_name": "Withheld", "family_name": "Withheld", "birthdate": "1900"},
    )


def _subject(persona: str) -> str:
    return "sub-" + hashlib.sha256(f"simulated-provider:{persona}".encode()).hexdigest()[:32]


_FIXED: Final[Mapping[str, Callable[[date], dict[str, object]]]] = {
    DEFAULT_PERSONA: people.complete,
    "mononym": people.mononym,
    "long-name": people.long_name,
    "welsh": people.welsh,
    "non-latin": people.non_latin,
    "unknown-day": people.unknown_day,
    "no-address": people.no_address,
    "under-18": people.under_18,
    "second-complete": people.second_complete,
}
FIXED_PERSONAS: Final = tuple(_FIXED)
# Any `complete-<n>` is accepted; these few are offered on the page.
OFFERED_PERSONAS: Final = (DEFAULT_PERSONA, "complete-1", "complete-2", "complete-3", *FIXED_PERSONAS[1:])
