"""Who a citizen turned out to be: the verified identity, what it is worth, and their account's secret.

Invariant: it exists sealed under a handle that only the citizen's browser holds, or in the memory of one request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from broker.assurance import AssuranceVector
from config.confidence import Level, Proofing, Protection
from idp_adapters.identity import ClaimedAssurance, VerifiedIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person whom one provider vouched for."""

    identity: VerifiedIdentity
    vector: AssuranceVector
    account_secret: bytes = field(repr=False)

    def to_json(self) -> list[Any]:
        """Compact, positional; read back by `from_json`."""
        return [_identity_to_json(self.identity), _vector_to_json(self.vector), self.account_secret.hex()]

    @classmethod
    def from_json(cls, body: list[Any]) -> Person:
        """Read what `to_json` wrote under our seal."""
        identity, vector, account_secret = body
        return cls(
            identity=_identity_from_json(identity),
            vector=_vector_from_json(vector, identity),
            account_secret=bytes.fromhex(account_secret),
        )


def _identity_to_json(identity: VerifiedIdentity) -> list[Any]:
    return [
        identity.provider,
        identity.subject,
        dict(identity.attributes),
        identity.assurance.value,
        identity.assurance.found_in,
        _seconds(identity.authenticated_at),
        list(identity.methods),
        identity.provider_session,
        identity.assertion_digest.hex(),
    ]


def _identity_from_json(body: list[Any]) -> VerifiedIdentity:
    provider, subject, attributes, value, found_in, authenticated_at, methods, session, digest = body
    return VerifiedIdentity(
        provider=provider,
        subject=subject,
        attributes=attributes,
        assurance=ClaimedAssurance(value=value, found_in=found_in),
        authenticated_at=_time(authenticated_at),
        methods=tuple(methods),
        provider_session=session,
        assertion_digest=bytes.fromhex(digest),
    )


def _vector_to_json(vector: AssuranceVector) -> list[Any]:
    return [
        str(vector.proofing),
        str(vector.protection),
        None if vector.profile is None else list(vector.profile),
        vector.federation,
        vector.scheme,
        vector.scheme_version,
        vector.certificate,
        list(vector.vetoes),
        [str(vector.asserted_level.proofing), str(vector.asserted_level.protection)],
    ]


def _vector_from_json(body: list[Any], identity: list[Any]) -> AssuranceVector:
    """Read a vector; the raw assertion and its time stand in the identity beside it."""
    proofing, protection, profile, federation, scheme, version, certificate, vetoes, asserted = body
    return AssuranceVector(
        proofing=Proofing(proofing),
        protection=Protection(protection),
        profile=None if profile is None else tuple(profile),
        federation=federation,
        scheme=scheme,
        scheme_version=version,
        certificate=certificate,
        authenticated_at=_time(identity[5]),
        vetoes=tuple(vetoes),
        asserted=identity[3],
        found_in=identity[4],
        asserted_level=Level(Proofing(asserted[0]), Protection(asserted[1])),
    )


def _seconds(time: datetime | None) -> int | None:
    return None if time is None else int(time.timestamp())


def _time(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
