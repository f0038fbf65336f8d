"""What stands after a decision or a withdrawal, and whether it lets a release through.

Invariant: each decision answers exactly the attributes it was asked about and leaves the others as they
were; whatever it takes away raises the floor to its own sequence, so nothing issued before it is honoured
again. A refusal takes nothing away. Rules over values, with no input or output.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from consent.errors import (
    NothingToWithdrawError,
    RefusalSharesError,
    RequiredNotSharedError,
    SharedNotOfferedError,
)
from consent.model import (
    ConsentRecord,
    ConsentState,
    ConsentTerms,
    Decision,
    ReleaseState,
    StandingConsent,
)


def settle_shared(terms: ConsentTerms, decision: Decision, shared: Collection[str]) -> tuple[str, ...]:
    """Give the names shared, each once and in the order shown, if the decision may be made at all.

    Raises `SharedNotOfferedError`, `RequiredNotSharedError`, `RefusalSharesError` (A-CO-03, A-CO-05).
    """
    chosen = set(shared)
    if decision is Decision.REFUSED:
        if chosen:
            detail = f"{terms.service}: a refusal shares nothing, got {len(chosen)} attributes"
            raise RefusalSharesError(detail)
        return ()
    foreign = chosen.difference(terms.names)
    if foreign:
        detail = f"{terms.service}: {len(foreign)} attributes were agreed to that were not offered"
        raise SharedNotOfferedError(detail)
    absent = [name for name in terms.required_names if name not in chosen]
    if absent:
        detail = f"{terms.service}: agreed without the required {', '.join(absent)}"
        raise RequiredNotSharedError(detail)
    return tuple(name for name in terms.names if name in chosen)


def after_agreement(standing: StandingConsent | None, record: ConsentRecord) -> StandingConsent:
    """Give what stands once a person has agreed; `record.sequence` follows the standing one."""
    earlier = () if standing is None else standing.records
    kept = [each for each in (_without(each, record.terms.names) for each in earlier) if each is not None]
    records = (*kept, record)
    still_shared = {name for each in records for name in each.shared}
    narrowed = standing is not None and not still_shared.issuperset(standing.shared)
    floor = 0 if standing is None else standing.floor
    return StandingConsent(
        state=ConsentState.GRANTED,
        sequence=record.sequence,
        floor=record.sequence if narrowed else floor,
        records=records,
    )


def after_refusal(standing: StandingConsent | None) -> StandingConsent:
    """Give what stands once a person has refused: what stood before, one event later."""
    if standing is None:
        return StandingConsent(state=ConsentState.REFUSED, sequence=1, floor=0, records=())
    return replace(standing, sequence=standing.sequence + 1)


def after_withdrawal(standing: StandingConsent) -> StandingConsent:
    """Give what stands once a person has withdrawn: nothing; raises `NothingToWithdrawError`."""
    if standing.state is not ConsentState.GRANTED:
        detail = f"expected a consent that is granted, got one that is {standing.state}"
        raise NothingToWithdrawError(detail)
    sequence = standing.sequence + 1
    return StandingConsent(state=ConsentState.WITHDRAWN, sequence=sequence, floor=sequence, records=())


def next_sequence(standing: StandingConsent | None) -> int:
    """Number the next event of a consent; the first is 1."""
    return 1 if standing is None else standing.sequence + 1


def may_release(state: ReleaseState | None, token_sequence: int) -> bool:
    """Tell whether what was issued under a decision may still be used.

    `token_sequence` is the consent's sequence when the code or token was issued.
    """
    return state is not None and state.state is ConsentState.GRANTED and token_sequence >= state.floor


def _without(record: ConsentRecord, names: Collection[str]) -> ConsentRecord | None:
    """Take out the attributes that a later decision answers; `None` when nothing is left."""
    terms = record.terms.only([name for name in record.terms.names if name not in names])
    if not terms.attributes:
        return None
    return replace(record, terms=terms, shared=tuple(name for name in record.shared if name not in names))
