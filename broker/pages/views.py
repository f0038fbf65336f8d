"""What each page shows: frozen values, made by the doors, rendered by `broker.pages.rendering`.

Invariant: a template sees nothing but its view; a view holds no secret but the form's token, and
citizens' values only on the agreement page.
"""

from __future__ import annotations

from dataclasses import dataclass

from broker.outcomes import Outcome, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Chrome:
    """What surrounds every page: language, the address for switching it, the local-hub banner.

    `switch_language_url` is the same page's address with the other language, None where a switch would
    repeat an action. `form_targets` are origins that a form on this page may end up at after redirects
    (Chrome applies `form-action` to them).
    """

    language: str
    switch_language_url: str | None
    local: bool
    reference: str | None
    form_targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderChoice:
    """One provider on the picker."""

    id: str
    name: str
    kind: str
    documents: tuple[str, ...]
    self_declared: bool
    tried: bool
    closing_on: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseProviderView:
    """Choose a provider: for which service, and what is needed."""

    service: str
    organisation: str
    action: str
    form_token: str
    providers: tuple[ProviderChoice, ...]
    level: str
    cancel_action: str
    other_ways: str | None
    last_failure: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedValue:
    """One labelled value that would be shared, for example `Given name`: `Ann`."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedItem:
    """One attribute on the agreement page: what it is, why it is wanted, and its actual values."""

    attribute: str
    label: str
    purpose: str
    required: bool
    values: tuple[SharedValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementView:
    """Agree or refuse: the notice's own words, with the values masked until opened."""

    service: str
    organisation: str
    provider: str
    provider_disclosed: bool
    already_signed_in: bool
    action: str
    form_token: str
    notice_digest: str
    lead: str
    basis: str
    level: str
    items: tuple[SharedItem, ...]
    already_agreed: tuple[str, ...]
    agree_label: str
    refuse_label: str
    privacy_notice: str | None
    switch_action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureView:
    """Any failure: what happened, whose part it was, what can be done now.

    `try_another_action` is set when another provider is eligible; `return_url` when client and
    redirect URI are known (it carries the standard's error back to the service).
    """

    outcome: Outcome
    party: Party
    service: str | None
    provider: str | None
    try_another_action: str | None
    form_token: str | None
    return_url: str | None
    other_ways: str | None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A short page about where a journey stands: moved on, waiting, finished, started elsewhere."""

    subject: str
    service: str | None
    continue_url: str | None
    refresh_seconds: int | None = None
