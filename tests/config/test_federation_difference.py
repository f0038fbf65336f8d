from __future__ import annotations

from pathlib import Path

from config.federation import Federation
from config.federation_file import Change, ChangeKind, diff
from tests.config.registries import Entry, a_provider, a_service, check


def federation(directory: Path, *services: Entry, providers: list[Entry] | None = None) -> Federation:
    read = check(directory, services=list(services), providers=providers).federation
    assert read is not None
    return read


def changes(tmp_path: Path, before: Entry, after: Entry) -> list[str]:
    old, new = federation(tmp_path / "old", before), federation(tmp_path / "new", after)
    return [str(change) for change in diff(old, new)]


def test_equal_federations_do_not_differ(tmp_path: Path) -> None:
    assert changes(tmp_path, a_service(), a_service()) == []


def test_saying_a_default_changes_nothing(tmp_path: Path) -> None:
    assert changes(tmp_path, a_service(), a_service(shared_session=True, events_uri=None)) == []


def test_the_first_revision_adds_everything(tmp_path: Path) -> None:
    assert diff(None, federation(tmp_path, a_service())) == (
        Change(kind=ChangeKind.ADDED, entry="provider", id="northgate"),
        Change(kind=ChangeKind.ADDED, entry="service", id="fishing-licence"),
    )


def test_entries_come_and_go(tmp_path: Path) -> None:
    old = federation(tmp_path / "old", a_service(id="zoo"))
    new = federation(tmp_path / "new", a_service(id="library"))
    assert [str(change) for change in diff(old, new)] == ["service library added", "service zoo removed"]


def test_a_change_names_the_field_and_both_values_in_words(tmp_path: Path) -> None:
    after = a_service(
        direct_hint=True,
        assurance={"minimum": "high.high", "acceptable": ["medium.high", "high.medium"]},
        redirect_uris=["https://rivers.example/callback", "https://rivers.example/other"],
        other_ways={"en": "https://rivers.example/other-ways"},
    )
    assert changes(tmp_path, a_service(), after) == [
        "service fishing-licence: assurance.acceptable from nothing to medium.high, high.medium",
        "service fishing-licence: assurance.minimum from medium.medium to high.high",
        "service fishing-licence: direct_hint from no to yes",
        "service fishing-licence: other_ways.en from nothing to https://rivers.example/other-ways",
        (
            "service fishing-licence: redirect_uris from https://rivers.example/callback"
            " to https://rivers.example/callback, https://rivers.example/other"
        ),
    ]


def test_attributes_are_compared_by_name(tmp_path: Path) -> None:
    name = {"name": "name", "purpose": {"en": "To print on the licence"}, "required": True}
    email = {"name": "email", "purpose": {"en": "To write to you"}}
    assert changes(
        tmp_path, a_service(attributes=[name]), a_service(attributes=[email, {**name, "required": False}])
    ) == [
        "service fishing-licence: attributes[email].name from nothing to email",
        "service fishing-licence: attributes[email].purpose.en from nothing to To write to you",
        "service fishing-licence: attributes[email].required from nothing to no",
        "service fishing-licence: attributes[name].required from yes to no",
    ]


def test_a_first_attribute_is_told_by_its_members_alone(tmp_path: Path) -> None:
    email = {"name": "email", "purpose": {"en": "To write to you"}}
    told = changes(tmp_path, a_service(attributes=[]), a_service(attributes=[email]))
    assert [change.partition(" from ")[0].rpartition(": ")[2] for change in told] == [
        "attributes[email].name",
        "attributes[email].purpose.en",
        "attributes[email].required",
    ]


def test_a_secrets_digest_is_not_told(tmp_path: Path) -> None:
    def secret(digit: str) -> Entry:
        return a_service(client_authentication={"method": "client_secret_basic", "secret_sha256": digit * 64})

    assert changes(tmp_path, secret("1"), secret("2")) == [
        "service fishing-licence: client_authentication.secret_sha256 from a secret to a secret"
    ]


def test_providers_are_compared_too(tmp_path: Path) -> None:
    old = federation(tmp_path / "old", providers=[a_provider()])
    new = federation(
        tmp_path / "new",
        providers=[
            a_provider(status="closing", until="2027-01-31", settings={"issuer": "https://new.example"})
        ],
    )
    assert [str(change) for change in diff(old, new)] == [
        "provider northgate: settings.issuer from https://northgate.example to https://new.example",
        "provider northgate: status from open to closing",
        "provider northgate: until from nothing to 2027-01-31",
    ]
