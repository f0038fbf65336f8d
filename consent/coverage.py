"""May this sign-in go on without asking the person? A rule over values, with no input or output.

Invariant: an attribute counts as answered only by a decision that is less than a year old, was made
under the same notice and basis, at no lower a level, for the same purpose (A-CO-04). Asking is
limited to the difference, and an optional attribute that was declined is not asked for again while all
of that still holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from consent.model import AttributeTerms, ConsentRecord, ConsentState, ConsentTerms, StandingConsent

_PROOFING = ("none", "low", "medium", "high", "very_high")
_PROTECTION = ("none", "low", "medium", "high")


class Reason(StrEnum):
    """Why the person must be asked, the weightiest first; `NONE` when they need not be."""

    WITHDRAWN = "withdrawn"
    NEW_SERVICE = "new_service"
    EXPIRED = "expired"
    CHANGED_NOTICE = "changed_notice"
    RAISED_LEVEL = "raised_level"
    CHANGED_PURPOSE = "changed_purpose"
    NEW_ATTRIBUTES = "new_attributes"
    NONE = "none"


_WEIGHT = {reason: position for position, reason in enumerate(Reason)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What standing consent already allows of what a service wants now.

    `shared` are the wanted names that may leave without asking; `missing` those to ask about, in the
    order wanted (both empty for a service that wants no attribute, so decide by `covered`). `lapses_at`
    is when the oldest decision relied on ends, and is set when `covered`: nothing issued should outlive it.
    """

    covered: bool
    missing: tuple[str, ...]
    shared: tuple[str, ...]
    reason: Reason
    lapses_at: datetime | None


def coverage(standing: StandingConsent | None, wanted: ConsentTerms, now: datetime) -> Coverage:
    """Say what of `wanted` a person has settled already, and why the rest must be asked.

    Not compared are the request's digest (each request is another) and the provider (a person may use any
    of theirs; a service that is told which one says so in its notice).
    """
    if standing is not None and standing.state is ConsentState.WITHDRAWN:
        return _ask_all(wanted, Reason.WITHDRAWN)
    if standing is None or standing.state is not ConsentState.GRANTED:
        return _ask_all(wanted, Reason.NEW_SERVICE)
    records = [record for record in standing.records if record.terms.service == wanted.service]
    if not records:
        return _ask_all(wanted, Reason.NEW_SERVICE)
    good = [record for record in records if _lost(record, wanted, now) is Reason.NONE]
    if not good:
        return _ask_all(wanted, _lost(records[-1], wanted, now))

    # With no attribute to rest on, the subject and the level still rest on the latest good decision.
    relied_on = [good[-1]]
    shared: list[str] = []
    missing: dict[str, Reason] = {}
    for attribute in wanted.attributes:
        record = _latest_about(attribute.name, records)
        reason = Reason.NEW_ATTRIBUTES if record is None else _reason_to_ask(record, attribute, wanted, now)
        if record is None or reason is not Reason.NONE:
            missing[attribute.name] = reason
            continue
        relied_on.append(record)
        if attribute.name in record.shared:
            shared.append(attribute.name)
    return Coverage(
        covered=not missing,
        missing=tuple(missing),
        shared=tuple(shared),
        reason=min(missing.values(), key=_WEIGHT.__getitem__, default=Reason.NONE),
        lapses_at=None if missing else min(record.lapses_at for record in relied_on),
    )


def _ask_all(wanted: ConsentTerms, reason: Reason) -> Coverage:
    return Coverage(covered=False, missing=wanted.names, shared=(), reason=reason, lapses_at=None)


def _reason_to_ask(
    record: ConsentRecord, attribute: AttributeTerms, wanted: ConsentTerms, now: datetime
) -> Reason:
    """Say why the record's answer about an attribute no longer settles it; `NONE` when it does."""
    lost = _lost(record, wanted, now)
    if lost is not Reason.NONE:
        return lost
    purposes = (each.purpose_digest for each in record.terms.attributes if each.name == attribute.name)
    if attribute.purpose_digest not in purposes:
        return Reason.CHANGED_PURPOSE
    if attribute.required and attribute.name not in record.shared:
        return Reason.NEW_ATTRIBUTES
    return Reason.NONE


def _lost(record: ConsentRecord, wanted: ConsentTerms, now: datetime) -> Reason:
    if now >= record.lapses_at:
        return Reason.EXPIRED
    agreed = record.terms
    if not _same_notice(agreed, wanted):
        return Reason.CHANGED_NOTICE
    if _is_raised(agreed.level, wanted.level):
        return Reason.RAISED_LEVEL
    return Reason.NONE


def _same_notice(agreed: ConsentTerms, wanted: ConsentTerms) -> bool:
    if (agreed.notice_version, agreed.lawful_basis) != (wanted.notice_version, wanted.lawful_basis):
        return False
    # Another language is the same notice in other words: only its version can vouch for that.
    return agreed.language != wanted.language or agreed.notice_digest == wanted.notice_digest


def _is_raised(agreed: str, wanted: str) -> bool:
    """Tell whether any axis is higher than agreed; a level that cannot be read counts as higher."""
    if agreed == wanted:
        return False
    try:
        agreed_axes, wanted_axes = _axes(agreed), _axes(wanted)
    except ValueError:
        return True
    return any(higher > known for known, higher in zip(agreed_axes, wanted_axes, strict=True))


def _axes(level: str) -> tuple[int, int]:
    proofing, protection = level.split(".")
    return _PROOFING.index(proofing), _PROTECTION.index(protection)


def _latest_about(name: str, records: list[ConsentRecord]) -> ConsentRecord | None:
    return next((record for record in reversed(records) if name in record.terms.names), None)
