from __future__ import annotations

import errno
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.environment import Environment
from config.errors import RegistryFaultsError
from config.federation_file import check_registry, digest, read_federation
from config.samples import DEMO_REGISTRY
from tests.config.registries import (
    VALIDATORS,
    Entry,
    a_provider,
    a_service,
    check,
    fields,
    the_only,
    write_registry,
)

SERVICE_WITH_FAULTS = """\
id: Fishing
name: {en: Renew a fishing licence, fr: Renouveler}
organisation: Rivers Agency
sector: rivers.example
colour: blue
profile: fapi2-security
redirect_uris:
  - https://rivers.example/callback
  - http://rivers.example/callback
  - /callback
client_authentication:
  method: client_secret_basic
  secret_sha256: abc
pkce: optional
shared_session: yes
assurance:
  minimum: medium.low
attributes:
  - name: name
    purpose: {en: To print on the licence}
    required: true
  - name: shoe_size
    purpose: {en: To bring boots}
  - name: name
    purpose: {en: Again}
providers: {allow: [southgate], deny: [northgate]}
"""

PROVIDER_WITH_FAULTS = """\
id: northgate
name: {cy: Hunaniaeth Northgate}
kind: private
adapter: telepathy
settings: {}
levels:
  "urn:example:high": {level: highest.high, scheme: gpg45/0.4}
  "urn:example:low": {level: low.none, scheme: gpg45}
certification: {self_declared: true, not_after: 30 June 2030}
status: closing
"""


def test_every_fault_of_every_file_is_reported_at_once_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "providers").mkdir()
    (tmp_path / "services/fishing.yaml").write_text(SERVICE_WITH_FAULTS, encoding="utf-8")
    (tmp_path / "services/library.yaml").write_text("id: library\nname: [\n", encoding="utf-8")
    (tmp_path / "providers/northgate.yaml").write_text(PROVIDER_WITH_FAULTS, encoding="utf-8")
    with pytest.raises(RegistryFaultsError) as raised:
        read_federation(tmp_path, environment=Environment.INTEGRATION, settings_validators=VALIDATORS)
    found = {(fault.file, fault.line, fault.field) for fault in raised.value.faults}
    assert found == {
        ("services/fishing.yaml", 1, "id"),
        ("services/fishing.yaml", 2, "name.fr"),
        ("services/fishing.yaml", 5, "colour"),
        ("services/fishing.yaml", 1, "sender_constrained"),
        ("services/fishing.yaml", 9, "redirect_uris[1]"),
        ("services/fishing.yaml", 10, "redirect_uris[2]"),
        ("services/fishing.yaml", 13, "client_authentication.secret_sha256"),
        ("services/fishing.yaml", 14, "pkce"),
        ("services/fishing.yaml", 15, "shared_session"),
        ("services/fishing.yaml", 17, "assurance.minimum"),
        ("services/fishing.yaml", 22, "attributes[1].name"),
        ("services/fishing.yaml", 24, "attributes[2].name"),
        ("services/fishing.yaml", 26, "providers.allow[0]"),
        ("services/library.yaml", 3, ""),
        ("providers/northgate.yaml", 2, "name.en"),
        ("providers/northgate.yaml", 4, "adapter"),
        ("providers/northgate.yaml", 7, 'levels."urn:example:high".level'),
        ("providers/northgate.yaml", 8, 'levels."urn:example:low".level'),
        ("providers/northgate.yaml", 8, 'levels."urn:example:low".scheme'),
        ("providers/northgate.yaml", 9, "certification.not_after"),
        ("providers/northgate.yaml", 1, "until"),
    }
    assert "services/fishing.yaml:14: pkce: must be required in profile fapi2-security" in str(raised.value)


def test_a_valid_directory_becomes_a_federation(tmp_path: Path) -> None:
    reading = check(tmp_path)
    assert reading.faults == ()
    assert reading.warnings == ()
    assert reading.federation is not None
    assert list(reading.federation.services) == ["fishing-licence"]
    assert list(reading.federation.providers) == ["northgate"]


def test_entries_are_ordered_by_id_and_not_by_file_name(tmp_path: Path) -> None:
    reading = check(tmp_path, services=[a_service(id="zoo"), a_service(id="aquarium")])
    assert reading.federation is not None
    assert list(reading.federation.services) == ["aquarium", "zoo"]


def test_a_federation_cannot_be_changed(tmp_path: Path) -> None:
    federation = check(tmp_path).federation
    assert federation is not None
    with pytest.raises(TypeError):
        federation.services["other"] = federation.services["fishing-licence"]  # type: ignore[index]
    with pytest.raises(ValueError, match="frozen"):
        federation.services["fishing-licence"].id = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        federation.providers["northgate"].levels["x"] = None  # type: ignore[index]
    with pytest.raises(TypeError):
        federation.providers["northgate"].settings["x"] = 1  # type: ignore[index]


@pytest.mark.parametrize(
    "field",
    [
        "id",
        "name",
        "organisation",
        "sector",
        "redirect_uris",
        "client_authentication",
        "assurance",
        "attributes",
    ],
)
def test_a_service_says_what_is_required(tmp_path: Path, field: str) -> None:
    service = a_service()
    del service[field]
    fault = the_only(check(tmp_path, services=[service]).faults)
    assert (fault.file, fault.line, fault.field, fault.message) == (
        "services/0.yaml",
        1,
        field,
        "is required",
    )


@pytest.mark.parametrize("field", ["id", "name", "kind", "adapter", "settings", "levels", "certification"])
def test_a_provider_says_what_is_required(tmp_path: Path, field: str) -> None:
    provider = a_provider()
    del provider[field]
    fault = the_only(check(tmp_path, providers=[provider]).faults)
    assert (fault.file, fault.line, fault.field, fault.message) == (
        "providers/0.yaml",
        1,
        field,
        "is required",
    )


def test_the_same_id_twice_is_a_fault_that_names_the_first_file(tmp_path: Path) -> None:
    reading = check(tmp_path, services=[a_service(), a_service()], providers=[a_provider(), a_provider()])
    assert [str(fault) for fault in reading.faults] == [
        "services/1.yaml:1: id: fishing-licence is the id of services/0.yaml already",
        "providers/1.yaml:1: id: northgate is the id of providers/0.yaml already",
    ]


def test_a_service_may_have_the_id_of_a_provider(tmp_path: Path) -> None:
    assert check(tmp_path, services=[a_service(id="northgate")]).faults == ()


@pytest.mark.parametrize("identifier", ["a", "A-service", "a" * 65, "a_b", "a.b", "", 12, "a b", "a-b\n"])
def test_ids_are_2_to_64_of_small_letters_digits_and_hyphens(tmp_path: Path, identifier: object) -> None:
    assert fields(check(tmp_path, services=[a_service(id=identifier)]).faults) == ["id"]


def test_a_provider_that_cannot_be_read_is_not_told_missing_too(tmp_path: Path) -> None:
    write_registry(
        tmp_path, services=[a_service(providers={"allow": ["northgate", "civic-post"]})], providers=[]
    )
    (tmp_path / "providers/northgate.yaml").write_text("id: [", encoding="utf-8")
    (tmp_path / "providers/b.yaml").write_text("id: civic-post\nkind: none\n", encoding="utf-8")
    reading = check_registry(tmp_path, environment=Environment.LOCAL, settings_validators=VALIDATORS)
    assert not [fault for fault in reading.faults if fault.file.startswith("services")]


def test_only_yaml_files_are_read_and_a_near_miss_is_told(tmp_path: Path) -> None:
    write_registry(tmp_path, services=[a_service()], providers=[a_provider()])
    (tmp_path / "services/README.md").write_text("# Services", encoding="utf-8")
    (tmp_path / "services/.0.yaml.swp").write_text("x", encoding="utf-8")
    (tmp_path / "services/.hidden.yaml").write_text("x", encoding="utf-8")
    (tmp_path / "services/other.yml").write_text("id: other", encoding="utf-8")
    (tmp_path / "services/folder.yaml").mkdir()
    reading = check_registry(tmp_path, environment=Environment.LOCAL, settings_validators=VALIDATORS)
    assert [(fault.file, fault.message) for fault in reading.faults] == [
        ("services/folder.yaml", "is not a file"),
        ("services/other.yml", "must end in .yaml: other files are not read"),
    ]


def test_a_directory_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(RegistryFaultsError, match="is not a directory"):
        read_federation(tmp_path / "absent", environment=Environment.LOCAL, settings_validators=VALIDATORS)


def test_a_directory_that_is_no_registry_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(RegistryFaultsError, match="neither services/ nor providers/"):
        digest(tmp_path)


def test_a_registry_may_have_no_services_yet(tmp_path: Path) -> None:
    assert check(tmp_path, services=[]).faults == ()


@pytest.mark.parametrize("text", ["just words", "- a\n- b\n", "null", "12"])
def test_a_file_that_is_no_mapping_is_a_fault(tmp_path: Path, text: str) -> None:
    write_registry(tmp_path, services=[], providers=[])
    (tmp_path / "services/x.yaml").write_text(text, encoding="utf-8")
    reading = check_registry(tmp_path, environment=Environment.LOCAL, settings_validators=VALIDATORS)
    assert the_only(reading.faults).message == "must be a mapping with named fields"


def test_a_file_that_may_not_be_read_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    write_registry(tmp_path, services=[a_service()], providers=[])
    monkeypatch.setattr(Path, "open", refuse)
    reading = check_registry(tmp_path, environment=Environment.LOCAL, settings_validators=VALIDATORS)
    assert str(the_only(reading.faults)) == "services/0.yaml: cannot be read: Permission denied"


def test_the_digest_does_not_see_comments_layout_or_file_names(tmp_path: Path) -> None:
    one = write_registry(
        tmp_path / "one", services=[a_service(), a_service(id="zoo")], providers=[a_provider()]
    )
    other = tmp_path / "other"
    for part in ("services", "providers"):
        (other / part).mkdir(parents=True)
    for name, entry in (("b", a_service()), ("a", a_service(id="zoo"))):
        text = "# a comment\n\n" + yaml.safe_dump(entry, sort_keys=True, default_flow_style=True)
        (other / f"services/{name}.yaml").write_text(text, encoding="utf-8")
    (other / "providers/x.yaml").write_text(yaml.safe_dump(a_provider()), encoding="utf-8")
    assert digest(one) == digest(other)
    assert len(digest(one)) == 64


def test_the_digest_sees_every_value(tmp_path: Path) -> None:
    def of(name: str, service: Entry) -> str:
        return digest(write_registry(tmp_path / name, services=[service], providers=[a_provider()]))

    digests = {
        of("a", a_service()),
        of("b", a_service(direct_hint=True)),
        of("c", a_service(direct_hint="true")),
        of("d", a_service(organisation="Rivers agency")),
    }
    assert len(digests) == 4


def test_a_service_and_a_provider_file_do_not_look_alike_to_the_digest(tmp_path: Path) -> None:
    one = write_registry(tmp_path / "one", services=[{"id": "aa"}], providers=[])
    other = write_registry(tmp_path / "other", services=[], providers=[{"id": "aa"}])
    assert digest(one) != digest(other)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data(), value=anything)
def test_no_value_of_any_field_makes_reading_fail(tmp_path: Path, data: st.DataObject, value: object) -> None:
    service, provider = yaml_of(DEMO_REGISTRY / "services/fishing-licence.yaml"), a_provider()
    entry = data.draw(st.sampled_from([service, provider]))
    field = data.draw(st.sampled_from(sorted(entry)))
    entry[field] = value
    reading = check(tmp_path, services=[service], providers=[provider], environment=Environment.LOCAL)
    assert (reading.federation is None) == bool(reading.faults)
    assert all(fault.line for fault in reading.faults)


def yaml_of(path: Path) -> Entry:
    entry: Entry = yaml.safe_load(path.read_text(encoding="utf-8"))
    return entry
