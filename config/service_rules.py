"""What the fields of one service must not say together: SERVICE_RULES, each rule a function of a few lines.

A rule names the fields it reads, so that it is left out when one of them could not be read at all, and the
others still report what they find in the same round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from config.addresses import is_plain_http
from config.algorithms import SigningAlgorithm
from config.attributes import CATALOGUE
from config.client_authentication import ClientSecretBasic, ClientSecretPost
from config.confidence import Protection
from config.environment import Environment
from config.finding import Finding, Path
from config.localised_text import LocalisedAddress
from config.relying_service import (
    AuthorizationResponse,
    Pkce,
    RelyingService,
    SecurityProfile,
    SenderConstraint,
    TokenEncryption,
)

LOWEST_PROTECTION_FOR_ATTRIBUTES = Protection.MEDIUM
"""No verified attribute goes out below this (`contract.md`, wire values)."""


@dataclass(frozen=True, slots=True)
class ServiceRule:
    """The fields a rule reads, and the rule."""

    reads: frozenset[str]
    find: Callable[[RelyingService, Environment], Iterator[Finding]]


def addresses_are_encrypted_outside_local(
    addresses: Callable[[RelyingService], Iterator[tuple[Path, str | None]]],
    service: RelyingService,
    environment: Environment,
) -> Iterator[Finding]:
    """Plain http is for loopback hosts, and only where everybody is on one machine."""
    for path, address in addresses(service):
        if environment is not Environment.LOCAL and address is not None and is_plain_http(address):
            yield Finding(path, f"must use https: plain http is for environment local, this is {environment}")


def lists_repeat_nothing(
    entries: Callable[[RelyingService], Iterator[tuple[Path, object]]],
    service: RelyingService,
    _: Environment,
) -> Iterator[Finding]:
    """An entry written twice is a mistake in one of the two."""
    seen = set()
    for path, entry in entries(service):
        if entry in seen:
            yield Finding(path, f"{entry} is listed twice")
        seen.add(entry)


def attributes_are_in_the_catalogue(service: RelyingService, _: Environment) -> Iterator[Finding]:
    """What is not in the catalogue has no agreed meaning, so it cannot be asked for."""
    for index, attribute in enumerate(service.attributes):
        if attribute.name not in CATALOGUE:
            yield Finding(
                ("attributes", index, "name"), f"{attribute.name} is not an attribute of the catalogue"
            )


def attributes_need_protection(service: RelyingService, _: Environment) -> Iterator[Finding]:
    """A service that receives attributes asks for a sign-in protected well enough to release them."""
    if service.attributes and service.assurance.minimum.protection < LOWEST_PROTECTION_FOR_ATTRIBUTES:
        yield Finding(
            ("assurance", "minimum"),
            f"must have protection {LOWEST_PROTECTION_FOR_ATTRIBUTES} or above to receive attributes",
        )


def acceptable_levels_are_lower(service: RelyingService, _: Environment) -> Iterator[Finding]:
    """What meets the minimum is accepted anyway; listing it hides what was meant."""
    for index, level in enumerate(service.assurance.acceptable):
        if level.meets(service.assurance.minimum):
            yield Finding(
                ("assurance", "acceptable", index),
                f"meets the minimum {service.assurance.minimum} already: list lower levels only",
            )


def pkce_is_optional_only_in_profile_oidc(service: RelyingService, _: Environment) -> Iterator[Finding]:
    """FAPI 2.0 Security Profile 5.3.2.1 requires PKCE."""
    if service.pkce is Pkce.OPTIONAL and service.profile is not SecurityProfile.OIDC:
        yield Finding(("pkce",), f"must be required in profile {service.profile}")


def fapi_clients_use_keys(service: RelyingService, _: Environment) -> Iterator[Finding]:
    """FAPI 2.0 Security Profile 5.3.2.1: private_key_jwt or mutual TLS, no shared secret."""
    method = service.client_authentication
    if service.profile is not SecurityProfile.OIDC and isinstance(
        method, ClientSecretBasic | ClientSecretPost
    ):
        yield Finding(
            ("client_authentication", "method"),
            f"must be private_key_jwt or one of the tls methods in profile {service.profile}",
        )


def fapi_tokens_are_bound_to_their_sender(service: RelyingService, _: Environment) -> Iterator[Finding]:
    """FAPI 2.0 Security Profile 5.3.2.1: DPoP or mutual TLS."""
    if service.profile is not SecurityProfile.OIDC and service.sender_constrained is SenderConstraint.NONE:
        yield Finding(("sender_constrained",), f"must be dpop or mtls in profile {service.profile}")


def fapi_signatures_are_modern(service: RelyingService, _: Environment) -> Iterator[Finding]:
    """FAPI 2.0 Security Profile 5.4.1: PS256, ES256 or Ed25519."""
    if service.profile is SecurityProfile.OIDC:
        return
    for field, algorithm in (
        ("id_token", service.id_token.signed),
        ("userinfo", service.userinfo.signed),
        ("request_object", service.request_object.signed),
    ):
        if algorithm is SigningAlgorithm.RS256:
            yield Finding((field, "signed"), f"must be PS256, ES256 or Ed25519 in profile {service.profile}")


def message_signing_signs_something(service: RelyingService, _: Environment) -> Iterator[Finding]:
    """FAPI 2.0 Message Signing signs requests or answers; without either it is the Security Profile."""
    if (
        service.profile is SecurityProfile.FAPI2_MESSAGE_SIGNING
        and not service.request_object.required
        and service.authorization_response is AuthorizationResponse.PLAIN
    ):
        yield Finding(
            ("profile",),
            "needs request_object.required or authorization_response jarm (else register fapi2-security)",
        )


def signed_requests_have_keys(service: RelyingService, _: Environment) -> Iterator[Finding]:
    """A request object is verified with the service's published keys."""
    form, method = service.request_object, service.client_authentication
    if not form.required and form.signed is None:
        return
    if not method.publishes_keys:
        yield Finding(
            ("request_object",), "needs jwks_uri or jwks in client_authentication to verify signatures"
        )
    elif method.jwks is not None and not any(key.can_verify(form.signed) for key in method.jwks.keys):
        yield Finding(("request_object", "signed"), "has no key in client_authentication.jwks that signs so")


def encrypted_tokens_have_keys(service: RelyingService, _: Environment) -> Iterator[Finding]:
    """A token is encrypted to a key that the service publishes."""
    method = service.client_authentication
    forms: tuple[tuple[str, TokenEncryption | None], ...] = (
        ("id_token", service.id_token.encrypted),
        ("userinfo", service.userinfo.encrypted),
    )
    for field, encryption in forms:
        if encryption is None:
            continue
        if not method.publishes_keys:
            yield Finding(
                (field, "encrypted"), "needs jwks_uri or jwks in client_authentication to encrypt to"
            )
        elif method.jwks is not None and not any(
            key.can_encrypt_for(encryption.alg) for key in method.jwks.keys
        ):
            yield Finding(
                (field, "encrypted"), f"has no key in client_authentication.jwks for {encryption.alg}"
            )


def providers_are_not_both_allowed_and_denied(service: RelyingService, _: Environment) -> Iterator[Finding]:
    """A provider stands in one list at most, and at least one is left."""
    if not service.providers.allow:
        yield Finding(("providers", "allow"), "allows no provider: list some, or write all")
    for index, provider in enumerate(service.providers.deny):
        if provider in service.providers.allowed:
            yield Finding(("providers", "deny", index), f"{provider} is allowed and denied")


Value = TypeVar("Value")


def _each(field: Path, values: Iterable[Value]) -> Iterator[tuple[Path, Value]]:
    return (((*field, index), value) for index, value in enumerate(values))


def _in_both_languages(field: str, page: LocalisedAddress | None) -> Iterator[tuple[Path, str | None]]:
    return iter((((field, "en"), page.en), ((field, "cy"), page.cy)) if page is not None else ())


_ADDRESSES: dict[str, Callable[[RelyingService], Iterator[tuple[Path, str | None]]]] = {
    "redirect_uris": lambda service: _each(("redirect_uris",), service.redirect_uris),
    "post_logout_redirect_uris": lambda service: _each(
        ("post_logout_redirect_uris",), service.post_logout_redirect_uris
    ),
    "backchannel_logout_uri": lambda service: iter(
        [(("backchannel_logout_uri",), service.backchannel_logout_uri)]
    ),
    "events_uri": lambda service: iter([(("events_uri",), service.events_uri)]),
    "client_authentication": lambda service: iter(
        [(("client_authentication", "jwks_uri"), service.client_authentication.jwks_uri)]
    ),
    "privacy_notice": lambda service: _in_both_languages("privacy_notice", service.privacy_notice),
    "other_ways": lambda service: _in_both_languages("other_ways", service.other_ways),
}

_LISTS: tuple[tuple[str, Callable[[RelyingService], Iterator[tuple[Path, object]]]], ...] = (
    ("redirect_uris", _ADDRESSES["redirect_uris"]),
    ("post_logout_redirect_uris", _ADDRESSES["post_logout_redirect_uris"]),
    ("assurance", lambda service: _each(("assurance", "acceptable"), service.assurance.acceptable)),
    (
        "attributes",
        lambda service: (
            ((*path, "name"), attribute.name)
            for path, attribute in _each(("attributes",), service.attributes)
        ),
    ),
    ("providers", lambda service: _each(("providers", "allow"), service.providers.allowed)),
    ("providers", lambda service: _each(("providers", "deny"), service.providers.deny)),
)


def _rule(find: Callable[[RelyingService, Environment], Iterator[Finding]], *reads: str) -> ServiceRule:
    return ServiceRule(frozenset(reads), find)


SERVICE_RULES: tuple[ServiceRule, ...] = (
    *(
        _rule(partial(addresses_are_encrypted_outside_local, list_), field)
        for field, list_ in _ADDRESSES.items()
    ),
    *(_rule(partial(lists_repeat_nothing, list_), field) for field, list_ in _LISTS),
    _rule(attributes_are_in_the_catalogue, "attributes"),
    _rule(attributes_need_protection, "attributes", "assurance"),
    _rule(acceptable_levels_are_lower, "assurance"),
    _rule(pkce_is_optional_only_in_profile_oidc, "pkce", "profile"),
    _rule(fapi_clients_use_keys, "profile", "client_authentication"),
    _rule(fapi_tokens_are_bound_to_their_sender, "profile", "sender_constrained"),
    _rule(fapi_signatures_are_modern, "profile", "id_token", "userinfo", "request_object"),
    _rule(message_signing_signs_something, "profile", "request_object", "authorization_response"),
    _rule(signed_requests_have_keys, "request_object", "client_authentication"),
    _rule(encrypted_tokens_have_keys, "id_token", "userinfo", "client_authentication"),
    _rule(providers_are_not_both_allowed_and_denied, "providers"),
)
