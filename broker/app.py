"""The composition root: settings in, a web application out. Only this module knows everyone.

Invariant: everything is built here and handed down; nothing connects, and no key is made, before this is called.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask
from joserfc.jwk import ECKey, JWKRegistry

from broker.accounts.account import PairwiseSubjects
from broker.accounts.links import LinkKey, LinkKeys
from broker.admission import Admission, Line, Places, Turns
from broker.bounds import LARGEST_BODY, Bounds
from broker.clock import Clock, system_clock
from broker.database import Database
from broker.endpoints.answers import Front
from broker.endpoints.authorize import create_authorize_door
from broker.endpoints.browser import Cookies
from broker.endpoints.callback import create_callback_door
from broker.endpoints.failures import own_every_failure, refuse_bodiless_look_alikes
from broker.endpoints.health import create_health_door
from broker.endpoints.metadata import create_metadata_door
from broker.endpoints.sign_in import create_sign_in_door
from broker.endpoints.token import create_token_door
from broker.endpoints.turned_away import turned_away
from broker.endpoints.userinfo import create_userinfo_door
from broker.hub import Hub, Membership
from broker.key_store import KeyStore, KeyUse, read_key_store
from broker.limits.limiter import LimitRules, Limits
from broker.limits.sources import Sources
from broker.metrics.database import MeasuredDatabase
from broker.metrics.instruments import Instruments
from broker.metrics.meter import UNMETERED
from broker.metrics.requests import MeasuredRequests
from broker.notice import notice_frame
from broker.oidc.client_keys import ClientKeys, KeysUnavailableError
from broker.oidc.signing_keys import SigningKey, SigningKeys
from broker.pages.built_assets import load_assets
from broker.pages.page_settings import PageSettings
from broker.pages.rendering import Pages
from broker.pages.static_pages import create_static_pages
from broker.registry_revisions import CurrentRegistry, Revision
from broker.state.envelopes import Envelopes
from broker.state.sealing import Sealer, ServerKey
from broker.state.sql_store import SqlStore
from broker.state.store import ShortLivedStore
from config.federation import Federation, SigningAlgorithm
from config.settings import Environment, Settings
from idp_adapters.contract import IdentityProviderAdapter
from idp_adapters.errors import AdapterSettingsError, IdentityProviderError
from idp_adapters.outbound import AllowList, OutboundClient, OutboundRequest
from idp_adapters.outbound.calls import unobserved
from idp_adapters.registry import build_adapter

DEFAULT_PLACES = Places.working(32)
_USER_AGENT = "Countersign"
_SERVICE_KEYS = "service-keys"
_JWKS_TYPES = ("application/json", "application/jwk-set+json")
_log = logging.getLogger(__name__)


def create_app(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    client_secrets: Mapping[str, str] = MappingProxyType({}),
    places: Places = DEFAULT_PLACES,
    metrics: Path | None = None,
) -> Flask:
    """Build the hub; raises `KeyStoreError`, `AssetsMissingError` when something it needs is missing.

    `client_secrets` holds the variables that providers' registrations name as `secret_env`; `places` is how many
    requests it takes on at a time, for which its server must have the threads; `metrics` is a directory for them, of
    which a process can use one.
    """
    keys = read_key_store(settings.keys)
    instruments = None if metrics is None else Instruments(metrics)
    turns = Turns(places.turns)
    outside = _Outside(_outbound(settings, instruments, turns), client_secrets)
    hub = _hub(settings, keys, outside, clock, instruments)
    pages = Pages(_page_settings(settings), assets=load_assets())
    front = Front(hub=hub, pages=pages, cookies=Cookies(secure=settings.issuer.startswith("https://")))
    app = Flask("countersign", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["countersign"] = hub
    app.register_blueprint(create_static_pages(pages))
    app.register_blueprint(create_metadata_door(hub))
    app.register_blueprint(create_health_door(hub))
    app.register_blueprint(create_authorize_door(front))
    app.register_blueprint(create_sign_in_door(front))
    app.register_blueprint(create_callback_door(front))
    app.register_blueprint(create_token_door(hub))
    app.register_blueprint(create_userinfo_door(hub))
    refuse_bodiless_look_alikes(app)
    own_every_failure(app, front)
    line = _stay_within_bounds(app, front, places, turns)
    if instruments is not None:
        instruments.watch(line)
        app.wsgi_app = MeasuredRequests(app.wsgi_app, instruments)  # type: ignore[method-assign]
    return app


def _stay_within_bounds(app: Flask, front: Front, places: Places, turns: Turns) -> Line:
    """What is too large, or too much at once, is refused before Flask hears of it."""
    line = Line(places)
    refusals = turned_away(front)
    busy = refusals[HTTPStatus.SERVICE_UNAVAILABLE]
    admitted = Admission(app.wsgi_app, busy, line, turns, source=front.hub.limits.source_of)
    app.wsgi_app = Bounds(admitted, refusals)  # type: ignore[method-assign]  # Flask's own way to add middleware
    return line


@dataclass(frozen=True, slots=True)
class _Outside:
    """How the hub speaks to others: the client, and the secrets that some of them ask for."""

    client: OutboundClient
    secrets: Mapping[str, str] = field(repr=False)


def _hub(
    settings: Settings, keys: KeyStore, outside: _Outside, clock: Clock, instruments: Instruments | None
) -> Hub:
    database = _database(settings, instruments)
    client_key = ECKey.import_key(dict(keys.active(KeyUse.PROVIDER_CLIENT).jwk))
    signing = _signing_keys(keys)
    client_keys = ClientKeys(_service_key_fetcher(outside.client))

    def ready(revision: Revision) -> Membership:
        return _membership(revision, settings.issuer, client_key, outside, client_keys)

    return Hub(
        issuer=settings.issuer,
        local=settings.environment is Environment.LOCAL,
        database=database,
        envelopes=Envelopes(store=_store(settings, database, instruments), sealer=_sealer(keys)),
        subjects=PairwiseSubjects(keys.active(KeyUse.SUBJECT).raw),
        link_keys=_link_keys(keys),
        signing=signing,
        published_keys=_published(signing, client_key),
        registry=CurrentRegistry(database, ready),
        limits=_limits(settings, keys),
        meter=UNMETERED if instruments is None else instruments,
        clock=clock,
    )


def _database(settings: Settings, instruments: Instruments | None) -> Database:
    if instruments is None:
        return Database(settings.database_url)
    return MeasuredDatabase(settings.database_url, instruments)


def _store(settings: Settings, database: Database, instruments: Instruments | None) -> ShortLivedStore:
    if settings.redis_url is None:
        return SqlStore(database)
    # Loaded only where it is asked for: the client takes as much memory as a tenth of the hub.
    from broker.metrics.redis_store import MeasuredRedisStore  # noqa: PLC0415
    from broker.state.redis_store import RedisStore  # noqa: PLC0415

    if instruments is None:
        return RedisStore(settings.redis_url)
    return MeasuredRedisStore(settings.redis_url, instruments)


def _membership(
    revision: Revision, issuer: str, client_key: ECKey, outside: _Outside, client_keys: ClientKeys
) -> Membership:
    federation = revision.federation
    return Membership(
        revision=revision.number,
        federation=federation,
        adapters=_adapters(federation, issuer, client_key, outside),
        client_keys=client_keys,
        frames={service.id: notice_frame(service) for service in federation.services.values()},
    )


def _adapters(
    federation: Federation, issuer: str, client_key: ECKey, outside: _Outside
) -> dict[str, IdentityProviderAdapter]:
    """One for each provider that can be spoken to: a secret that this machine lacks costs its own provider only."""
    adapters = {}
    for provider in federation.providers.values():
        try:
            adapters[provider.id] = build_adapter(
                provider,
                issuer=issuer,
                client_key=client_key,
                outbound=outside.client,
                client_secrets=outside.secrets,
            )
        except AdapterSettingsError as error:
            _log.error("nobody can sign in at %s: %s", provider.id, error)
    return adapters


def _limits(settings: Settings, keys: KeyStore) -> Limits:
    rules = LimitRules(
        sign_ins_per_source=settings.limit_sign_ins_per_source,
        sign_ins_per_service=settings.limit_sign_ins_per_service,
        refusals_per_source=settings.limit_refusals_per_source,
    )
    sources = Sources(
        key=HKDF(SHA256(), 32, salt=None, info=b"countersign sources").derive(keys.active(KeyUse.SEAL).raw),
        trusted_proxies=settings.trusted_proxies,
        loopback_counts=not settings.issuer_is_loopback,
    )
    return Limits(rules, sources, shared=settings.redis_url)


def _sealer(keys: KeyStore) -> Sealer:
    usable = {
        bytes.fromhex(key.kid): ServerKey(kid=bytes.fromhex(key.kid), key=key.raw)
        for key in keys.all(KeyUse.SEAL)
    }
    return Sealer(active=usable[bytes.fromhex(keys.active(KeyUse.SEAL).kid)], keys=usable)


def _link_keys(keys: KeyStore) -> LinkKeys:
    seal = {key.kid: LinkKey(key.kid, key.raw) for key in keys.all(KeyUse.LINK_SEAL)}
    return LinkKeys(
        index=tuple(LinkKey(key.kid, key.raw) for key in keys.all(KeyUse.LINK_INDEX)),
        seal_active=seal[keys.active(KeyUse.LINK_SEAL).kid],
        seal=seal,
    )


def _signing_keys(keys: KeyStore) -> SigningKeys:
    uses = {KeyUse.SIGN_ES256: SigningAlgorithm.ES256, KeyUse.SIGN_RS256: SigningAlgorithm.RS256}
    return SigningKeys(
        SigningKey(
            kid=key.kid, algorithm=algorithm, key=JWKRegistry.import_key(dict(key.jwk)), state=key.state
        )
        for use, algorithm in uses.items()
        for key in keys.all(use)
    )


def _published(signing: SigningKeys, client_key: ECKey) -> dict[str, object]:
    """The hub's public keys: what it signs for services with, and what it proves itself to providers with."""
    own = {**client_key.as_dict(private=False), "use": "sig", "alg": SigningAlgorithm.ES256.value}
    return {"keys": [*signing.public_jwks()["keys"], own]}


def _page_settings(settings: Settings) -> PageSettings:
    return PageSettings(
        issuer=settings.issuer,
        environment=settings.environment,
        operator_name=settings.operator_name,
        contact_email=settings.contact_email,
        contact_phone=settings.contact_phone,
        contact_address=settings.contact_address,
        privacy_email=settings.privacy_email,
    )


def _outbound(settings: Settings, instruments: Instruments | None, turns: Turns) -> OutboundClient:
    allow = AllowList.parse(settings.outbound_allow, loopback=settings.environment is Environment.LOCAL)
    observe = unobserved if instruments is None else instruments.called
    return OutboundClient(
        allow=allow,
        ca_bundle=settings.ca_bundle,
        user_agent=_USER_AGENT,
        observe=observe,
        aside=turns.given_away,
    )


def _service_key_fetcher(outbound: OutboundClient) -> Callable[[str], bytes]:
    """Services' key sets come through the same limits as everything else that the hub fetches."""

    def fetch(url: str) -> bytes:
        try:
            origin = outbound.origin_of(url)
            request = OutboundRequest(url=url, origins=frozenset({origin}), accept=_JWKS_TYPES)
            response = outbound.fetch(f"{_SERVICE_KEYS}/{origin}", request)
        except IdentityProviderError as error:
            raise KeysUnavailableError(error.detail) from error
        if response.status != HTTPStatus.OK:
            message = f"status {response.status}"
            raise KeysUnavailableError(message)
        return response.body

    return fetch
