"""Reading a registry directory: services/*.yaml and providers/*.yaml, all of it or none.

A federation comes out only when nothing is wrong anywhere; else every fault is reported at once, with file,
line and field. Whether a directory says something new is decided by `digest`, which comments and layout do
not change.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.entry_reader import Entry, ReadEntry, read_entry
from config.errors import Fault, RegistryFaultsError
from config.federation import Federation
from config.federation_difference import Change, ChangeKind, diff
from config.federation_json import federation_from_json, federation_to_json
from config.federation_rules import providers_named_exist, warnings_about
from config.identity_provider import IdentityProvider
from config.provider_rules import PROVIDER_RULES, SettingsValidator, settings_suit_the_adapter
from config.relying_service import RelyingService
from config.service_rules import SERVICE_RULES
from config.yaml_document import LARGEST_FILE, Document, parse_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from config.environment import Environment

__all__ = [
    "Change",
    "ChangeKind",
    "RegistryReading",
    "SettingsValidator",
    "check_registry",
    "diff",
    "digest",
    "federation_from_json",
    "federation_to_json",
    "read_federation",
]

_SERVICE_STAND_INS = {
    "id": "unread",
    "name": {"en": "Unread"},
    "organisation": "Unread",
    "sector": "unread.example",
    "redirect_uris": ["https://unread.example/"],
    "client_authentication": {"method": "private_key_jwt", "jwks_uri": "https://unread.example/"},
    "assurance": {"minimum": "medium.medium"},
    "attributes": [],
}
_PROVIDER_STAND_INS = {
    "id": "unread",
    "name": {"en": "Unread"},
    "kind": "private",
    "adapter": "unread",
    "settings": {},
    "levels": {"unread": {"level": "none.low", "scheme": "unread/0"}},
    "certification": {"self_declared": True, "not_after": "2000-01-01"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryReading:
    """What a directory says: a federation when there are no faults, and what a reviewer should know."""

    federation: Federation | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def read_federation(
    directory: Path, *, environment: Environment, settings_validators: Mapping[str, SettingsValidator]
) -> Federation:
    """Return the federation that a directory describes.

    `settings_validators` holds, by adapter name, each adapter's own check of a provider's `settings`.

    Raises:
        RegistryFaultsError: with every fault of every file.

    """
    reading = check_registry(directory, environment=environment, settings_validators=settings_validators)
    if reading.federation is None:
        raise RegistryFaultsError(reading.faults)
    return reading.federation


def check_registry(
    directory: Path, *, environment: Environment, settings_validators: Mapping[str, SettingsValidator]
) -> RegistryReading:
    """Report everything that is wrong with a directory, or else its federation and warnings about it."""
    listed, service_documents, provider_documents = _documents(directory)
    services = _entries(service_documents, RelyingService, _SERVICE_STAND_INS)
    providers = _entries(provider_documents, IdentityProvider, _PROVIDER_STAND_INS)
    provider_ids = frozenset(_presumed_id(document) for document in provider_documents)
    for service in services:
        _judge_service(service, environment, provider_ids)
    for provider in providers:
        _judge_provider(provider, environment, settings_validators)
    _report_repeated_ids(services)
    _report_repeated_ids(providers)
    faults = _collect([listed, *service_documents, *provider_documents])
    if faults:
        return RegistryReading(federation=None, faults=faults, warnings=())
    federation = Federation.of((read.entry for read in services), (read.entry for read in providers))
    for service in services:
        service.report(warnings_about(service.entry, federation.providers.values()))
    return RegistryReading(federation=federation, faults=(), warnings=_collect(service_documents))


def digest(directory: Path) -> str:
    """Return the SHA-256, in hex, of what the files of a directory say.

    Comments, layout, file names and the order of files and fields do not count.

    Raises:
        RegistryFaultsError: for files that cannot be read as YAML, or a directory that is none.

    """
    listed, services, providers = _documents(directory)
    if faults := _collect([listed, *services, *providers]):
        raise RegistryFaultsError(faults)
    said = {
        "services": sorted(_canonical(document.value) for document in services),
        "providers": sorted(_canonical(document.value) for document in providers),
    }
    return hashlib.sha256(_canonical(said).encode()).hexdigest()


def _judge_service(
    service: ReadEntry[RelyingService], environment: Environment, provider_ids: frozenset[str]
) -> None:
    for rule in SERVICE_RULES:
        if not rule.reads & service.unread:
            service.report(rule.find(service.entry, environment))
    if "providers" not in service.unread:
        service.report(providers_named_exist(service.entry, provider_ids))


def _judge_provider(
    provider: ReadEntry[IdentityProvider],
    environment: Environment,
    settings_validators: Mapping[str, SettingsValidator],
) -> None:
    for rule in PROVIDER_RULES:
        if not rule.reads & provider.unread:
            provider.report(rule.find(provider.entry, environment))
    if not {"adapter", "settings"} & provider.unread:
        provider.report(settings_suit_the_adapter(provider.entry, settings_validators))


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _documents(directory: Path) -> tuple[Document, list[Document], list[Document]]:
    """Return a document for faults of the directory itself, the services' documents and the providers'."""
    listed = Document(".")
    if not directory.is_dir():
        listed.fault((), f"{directory} is not a directory")
    elif not any((directory / part).is_dir() for part in ("services", "providers")):
        listed.fault((), f"{directory} holds neither services/ nor providers/")
    return listed, _parsed(directory, "services"), _parsed(directory, "providers")


def _parsed(directory: Path, part: str) -> list[Document]:
    folder = directory / part
    documents = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith(".") or path.suffix not in {".yaml", ".yml"}:
            continue
        document = Document(f"{part}/{path.name}")
        if path.suffix == ".yml":
            document.fault((), "must end in .yaml: other files are not read")
        elif not path.is_file():
            document.fault((), "is not a file")
        else:
            try:
                with path.open("rb") as file:
                    document = parse_document(document.file, file.read(LARGEST_FILE + 1))
            except OSError as error:
                document.fault((), f"cannot be read: {error.strerror}")
        documents.append(document)
    return documents


def _entries(
    documents: Iterable[Document], model: type[Entry], stand_ins: Mapping[str, object]
) -> list[ReadEntry[Entry]]:
    entries = (read_entry(document, model, stand_ins) for document in documents)
    return [entry for entry in entries if entry is not None]


def _presumed_id(document: Document) -> str:
    """Return the id of an entry; its file's name where unreadable, so that one fault is not told twice."""
    written = document.value.get("id") if isinstance(document.value, dict) else None
    return written if isinstance(written, str) else document.file.rpartition("/")[2].removesuffix(".yaml")


def _report_repeated_ids(
    entries: Sequence[ReadEntry[RelyingService]] | Sequence[ReadEntry[IdentityProvider]],
) -> None:
    first: dict[str, str] = {}
    for read in entries:
        if "id" in read.unread:
            continue
        if read.entry.id in first:
            read.document.fault(("id",), f"{read.entry.id} is the id of {first[read.entry.id]} already")
        first.setdefault(read.entry.id, read.document.file)


def _collect(documents: Iterable[Document]) -> tuple[Fault, ...]:
    return tuple(
        fault
        for document in documents
        for fault in sorted(document.faults, key=lambda fault: fault.line or 0)
    )
