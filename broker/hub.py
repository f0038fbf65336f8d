"""The hub's parts, built once by `broker.app` and handed to every door and step.

Invariant: nothing here is looked up globally; a test builds the same hub with other parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from audit.entry import Event
from audit.journal import append_all
from broker.accounts.account import PairwiseSubjects
from broker.accounts.links import LinkKeys
from broker.clock import Clock
from broker.database import Database, PendingTransaction
from broker.limits.limiter import Limits
from broker.metrics.meter import UNMETERED, Meter
from broker.notice import NoticeFrame
from broker.oidc.authorization_request import AuthorizationRequest
from broker.oidc.client_keys import ClientKeys
from broker.oidc.signing_keys import SigningKeys
from broker.registry_revisions import CurrentRegistry
from broker.state.envelopes import Envelopes
from broker.state.store import ShortLivedStore, StoreReads, StoreWrites
from config.federation import Federation, RelyingService
from idp_adapters.contract import IdentityProviderAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One registry revision, ready for use: who takes part, how providers are spoken to, services' keys."""

    revision: int
    federation: Federation
    adapters: Mapping[str, IdentityProviderAdapter]
    client_keys: ClientKeys
    frames: Mapping[str, NoticeFrame]

    def service_of(self, request: AuthorizationRequest) -> RelyingService:
        """The service that asked; raises `KeyError` when it has left the federation."""
        return self.federation.services[request.client_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One unit of work: a transaction that begins when it is needed, and the short-lived writes beside it."""

    transaction: PendingTransaction
    writes: StoreWrites
    journalled: list[Event] = field(default_factory=list)

    @property
    def connection(self) -> Connection:
        """The connection that carries the facts and their audit entries."""
        return self.transaction.connection

    def journal(self, *events: Event, at: datetime) -> None:
        """Write audit entries that commit with this unit's facts, and are counted when they have."""
        append_all(self.connection, events, at=at)
        self.journalled.extend(events)


@contextmanager
def unit_of_work(database: Database, store: ShortLivedStore, meter: Meter = UNMETERED) -> Iterator[Work]:
    """Facts and audit entries commit together when the block ends, or not at all; then envelopes follow.

    With envelopes in the same database they commit together too. A crash between the two loses what its request was
    going to give, never a fact (docs/decisions/0006-two-engines.md).
    """
    with ExitStack() as stack:
        with database.pending_transaction() as transaction:
            writes = store.writes(transaction)
            stack.callback(writes.abandon)
            work = Work(transaction=transaction, writes=writes)
            yield work
        stack.pop_all()
    meter.journalled(work.journalled)
    writes.commit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """Everything a step needs."""

    issuer: str
    local: bool
    database: Database
    envelopes: Envelopes
    subjects: PairwiseSubjects
    link_keys: LinkKeys
    signing: SigningKeys
    published_keys: Mapping[str, object]
    registry: CurrentRegistry[Membership]
    limits: Limits
    meter: Meter
    clock: Clock

    def work(self) -> AbstractContextManager[Work]:
        """A unit of work on the hub's database and store."""
        return unit_of_work(self.database, self.envelopes.store, self.meter)

    def reading(self) -> AbstractContextManager[StoreReads]:
        """Reads of envelopes for as long as the block lasts."""
        return self.envelopes.store.reading()
