"""What an adapter hands on: a person, as one provider vouched for them, and nothing unverified.

Invariant: a `VerifiedIdentity` exists only after every check of its protocol has passed. Its assurance
is still in the provider's own words; only `broker.assurance` turns words into a level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

JsonValue = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedAssurance:
    """The provider's own statement of assurance, exactly as it was made.

    `value` is the raw string (None when the provider said nothing); `found_in` names the place,
    for example `id_token.acr`, so that an auditor can find it again.
    """

    value: str | None
    found_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedIdentity:
    """One person as one provider vouched for them, signature and binding checked.

    `subject` is the provider's identifier (never stored in clear); `attributes` maps canonical
    attribute names (the OIDC standard and IDA claim names) to JSON values, absent rather than null;
    `authenticated_at` is when the person signed in at the provider (aware UTC), None when unsaid;
    `assertion_digest` is the SHA-256 of the provider-signed assertion as received.
    """

    provider: str
    subject: str
    attributes: Mapping[str, JsonValue]
    assurance: ClaimedAssurance
    authenticated_at: datetime | None
    methods: tuple[str, ...]
    provider_session: str | None
    assertion_digest: bytes
