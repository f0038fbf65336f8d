from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from config.confidence import NO_LEVEL, Level
from config.environment import Environment
from config.federation import IdentityProvider
from tests.config.registries import Entry, a_provider, check, fields, the_only

LAST_SECOND = datetime(2030, 6, 30, 23, 59, 59, 999999, tzinfo=UTC)
END = datetime(2030, 7, 1, tzinfo=UTC)


def registered(tmp_path: Path, **differences: object) -> IdentityProvider:
    federation = check(tmp_path, providers=[a_provider(**differences)]).federation
    assert federation is not None
    return federation.providers["northgate"]


class RefusedSettingsError(ValueError):
    def __init__(self, *faults: tuple[str, str]) -> None:
        self.faults = faults
        super().__init__("refused")


def test_what_a_file_leaves_out_has_a_safe_default(tmp_path: Path) -> None:
    provider = registered(tmp_path)
    assert (provider.status, provider.until, provider.documents) == ("open", None, ())
    assert not provider.evidence.trusted


def test_an_adapter_that_the_hub_does_not_have_is_a_fault_that_lists_the_known_ones(tmp_path: Path) -> None:
    fault = the_only(check(tmp_path, providers=[a_provider(adapter="telepathy")]).faults)
    assert (fault.field, fault.line) == ("adapter", 5)
    assert fault.message == "telepathy is not an adapter of this hub (known: oidc, saml2)"


def test_settings_are_judged_by_the_adapter_and_faults_stand_at_their_line(tmp_path: Path) -> None:
    seen: list[Mapping[str, object]] = []

    def validate(given: Mapping[str, object]) -> object:
        seen.append(given)
        raise RefusedSettingsError(
            ("issuer", "must be https"),
            ("scopes[1]", "is unknown"),
            ("client_id", "is required"),
            ("", "is odd"),
        )

    provider = a_provider(settings={"issuer": "http://x", "scopes": ["openid", "shoes"], "deep": {"a": [1]}})
    reading = check(tmp_path, providers=[provider], validators={"oidc": validate})
    assert seen == [provider["settings"]]
    assert [(fault.line, fault.field, fault.message) for fault in reading.faults] == [
        (6, "settings.client_id", "is required"),
        (6, "settings", "is odd"),
        (7, "settings.issuer", "must be https"),
        (10, "settings.scopes[1]", "is unknown"),
    ]


def test_an_adapter_may_refuse_settings_in_one_sentence(tmp_path: Path) -> None:
    def validate(_: Mapping[str, object]) -> object:
        raise ValueError("must have an issuer")

    fault = the_only(check(tmp_path, validators={"oidc": validate}).faults)
    assert (fault.field, fault.message) == ("settings", "must have an issuer")


def test_an_error_of_the_adapter_itself_is_not_hidden_as_a_fault(tmp_path: Path) -> None:
    def validate(_: Mapping[str, object]) -> object:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        check(tmp_path, validators={"oidc": validate})


def test_settings_come_back_as_they_were_written(tmp_path: Path) -> None:
    written = {
        "issuer": "https://northgate.example",
        "scopes": ["openid"],
        "deep": {"n": None, "t": True, "f": 1.5},
    }
    assert dict(registered(tmp_path, settings=written).settings) == written


def test_a_self_declared_provider_is_refused_in_production(tmp_path: Path) -> None:
    for environment in (Environment.LOCAL, Environment.INTEGRATION):
        assert check(tmp_path, environment=environment).faults == ()
    fault = the_only(check(tmp_path, environment=Environment.PRODUCTION).faults)
    assert fault.field == "certification.self_declared"


@pytest.mark.parametrize("environment", Environment)
def test_a_certification_report_is_refused_until_it_can_be_verified(
    tmp_path: Path, environment: Environment
) -> None:
    provider = a_provider(certification={"report": "certificates/northgate.json"})
    fault = the_only(check(tmp_path, providers=[provider], environment=environment).faults)
    assert (fault.field, fault.message) == (
        "certification.report",
        "certification reports are not supported yet; use self_declared outside production",
    )


@pytest.mark.parametrize(
    ("certification", "place"),
    [
        ({}, "certification.self_declared"),
        ({"self_declared": False, "not_after": "2030-06-30"}, "certification.self_declared"),
        ({"self_declared": True}, "certification.not_after"),
        ({"self_declared": True, "not_after": "2030-06-31"}, "certification.not_after"),
        ({"self_declared": True, "not_after": 2030}, "certification.not_after"),
        ({"self_declared": True, "not_after": "2030-06-30T12:00:00"}, "certification.not_after"),
        (
            {"report": "r.json", "self_declared": True, "not_after": "2030-06-30"},
            "certification.self_declared",
        ),
        ("yes", "certification"),
        ([], "certification"),
    ],
)
def test_a_certification_has_one_complete_form(tmp_path: Path, certification: object, place: str) -> None:
    assert place in fields(check(tmp_path, providers=[a_provider(certification=certification)]).faults)


@pytest.mark.parametrize(
    ("differences", "faulty"),
    [
        ({"status": "closing"}, True),
        ({"status": "closing", "until": "2027-01-31"}, False),
        ({"status": "open", "until": "2027-01-31"}, True),
        ({"until": "2027-01-31"}, True),
    ],
)
def test_a_last_day_is_named_exactly_while_closing(
    tmp_path: Path, differences: Entry, *, faulty: bool
) -> None:
    assert fields(check(tmp_path, providers=[a_provider(**differences)]).faults) == ["until"] * faulty


def test_a_document_is_listed_once(tmp_path: Path) -> None:
    reading = check(tmp_path, providers=[a_provider(documents=["passport", "driving_licence", "passport"])])
    assert fields(reading.faults) == ["documents[2]"]


def test_a_provider_has_some_level(tmp_path: Path) -> None:
    assert fields(check(tmp_path, providers=[a_provider(levels={})]).faults) == ["levels"]


@pytest.mark.parametrize("scheme", ["gpg45", "gpg45/", "/0.4", "gpg45 0.4", "", None])
def test_a_level_names_the_scheme_and_its_version(tmp_path: Path, scheme: object) -> None:
    levels = {"urn:x": {"level": "low.medium", "scheme": scheme}}
    assert fields(check(tmp_path, providers=[a_provider(levels=levels)]).faults) == ['levels."urn:x".scheme']


def test_only_the_exact_raw_value_is_worth_its_level(tmp_path: Path) -> None:
    provider = registered(tmp_path)
    assert provider.level_of("urn:example:medium") == Level.parse("medium.medium")
    for value in ("urn:example:MEDIUM", "urn:example:medium ", "urn:example", "urn:example:medium.", ""):
        assert provider.level_of(value) == NO_LEVEL


def test_a_self_declared_provider_is_certified_to_the_end_of_its_last_day_in_utc(tmp_path: Path) -> None:
    provider = registered(tmp_path)
    assert provider.certified_until == END
    certificate = provider.certificate_for(LAST_SECOND)
    assert certificate is not None
    assert certificate.self_declared
    assert certificate.until == END
    assert provider.certificate_for(END) is None
    assert provider.certificate_for(END.astimezone(timezone(timedelta(hours=-5)))) is None


def test_a_certificate_caps_each_raw_value_and_everything_else_at_nothing(tmp_path: Path) -> None:
    certificate = registered(tmp_path).certificate_for(LAST_SECOND)
    assert certificate is not None
    assert certificate.cap("urn:example:high") == Level.parse("high.high")
    assert certificate.cap("urn:example:very-high") == NO_LEVEL
    with pytest.raises(TypeError):
        certificate.caps["urn:example:very-high"] = Level.parse("very_high.high")  # type: ignore[index]


def test_a_provider_reaches_nothing_once_its_certification_has_ended(tmp_path: Path) -> None:
    provider = registered(tmp_path)
    assert {str(level) for level in provider.reachable_levels(LAST_SECOND)} == {"high.high", "medium.medium"}
    assert provider.reachable_levels(END) == frozenset()


def test_the_last_day_of_the_calendar_does_not_overflow(tmp_path: Path) -> None:
    provider = registered(tmp_path, certification={"self_declared": True, "not_after": "9999-12-31"})
    assert provider.certificate_for(END) is not None


def test_a_report_that_nobody_verified_certifies_nothing() -> None:
    provider = IdentityProvider.model_validate_json(
        '{"id": "northgate", "name": {"en": "N"}, "kind": "public", "adapter": "oidc", "settings": {},'
        ' "levels": {"urn:x": {"level": "low.medium", "scheme": "gpg45/0.4"}},'
        ' "certification": {"report": "certificates/northgate.json"}}'
    )
    assert provider.certified_until is None
    assert provider.certificate_for(LAST_SECOND) is None
    assert provider.reachable_levels(LAST_SECOND) == frozenset()
