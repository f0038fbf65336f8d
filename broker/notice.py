"""The notice: the words that a person reads before deciding, and the digest that the decision is bound to.

Invariant: two notices with one digest say the same to the person who reads them. Whoever changes a word here,
in `broker.attribute_labels` or on the agreement page raises `NOTICE_VERSION`.
"""

# ruff: noqa: RUF001 -- Welsh is written with the apostrophe that people read, not with the one for code.

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType

import rfc8785

from broker.attribute_labels import Words, label_attribute
from config.confidence import Level, Proofing, Protection
from config.federation import LawfulBasis, RelyingService, RequestedAttribute

NOTICE_VERSION = "2026-11-1"
LANGUAGES = ("en", "cy")
_NO_MATTER = Level(Proofing.NONE, Protection.LOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeItem:
    """One attribute as the notice names it: what, why, and whether the service cannot do without it."""

    attribute: str
    label: str
    purpose: str
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The words of one agreement page in one language; `digest` is the SHA-256 of all the rest, in hex."""

    version: str
    language: str
    service_id: str
    service: str
    organisation: str
    lead: str
    basis: str
    level: str
    items: tuple[NoticeItem, ...]
    agree_label: str
    refuse_label: str
    privacy_notice: str | None
    provider_disclosed: bool
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFrame:
    """A service's notice without what differs between requests: attribute list and level.

    `version` changes when any word of it changes in any language, so that a consent given in one language is
    asked for again when the notice changes; `digests` are the SHA-256 of its words, by language.
    """

    version: str
    digests: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _BasisWords:
    """What a lawful basis means for the person who decides, and what the two buttons say under it."""

    explanation: Words
    agree: Words
    refuse: Words


# Under every basis but consent the step gives people control over this release; it is not what makes the use
# lawful, so the words must not say "agree". The right that goes with public task is objection (Article 21).
_SHARE = Words("Share and continue", "Rhannu a pharhau")
_DO_NOT_SHARE = Words("Do not share", "Peidio â rhannu")

_BASIS: Mapping[LawfulBasis, _BasisWords] = MappingProxyType(
    {
        LawfulBasis.PUBLIC_TASK: _BasisWords(
            Words(
                "{organisation} uses this information to carry out a public task set out in law. It does "
                "not rely on your consent for that, but nothing is sent unless you choose to share it here. "
                "You have the right to object to how {organisation} uses it.",
                "Mae {organisation} yn defnyddio’r wybodaeth hon i gyflawni tasg gyhoeddus a bennir yn y "
                "gyfraith. Nid yw’n dibynnu ar eich cydsyniad i wneud hynny, ond ni chaiff dim ei anfon oni "
                "bai eich bod yn dewis ei rannu yma. Mae gennych hawl i wrthwynebu’r ffordd y mae "
                "{organisation} yn ei defnyddio.",
            ),
            _SHARE,
            _DO_NOT_SHARE,
        ),
        LawfulBasis.LEGAL_OBLIGATION: _BasisWords(
            Words(
                "The law requires {organisation} to have this information for this service. It does not "
                "rely on your consent for that, but nothing is sent unless you choose to share it here.",
                "Mae’r gyfraith yn ei gwneud yn ofynnol i {organisation} gael yr wybodaeth hon ar gyfer y "
                "gwasanaeth hwn. Nid yw’n dibynnu ar eich cydsyniad i wneud hynny, ond ni chaiff dim ei "
                "anfon oni bai eich bod yn dewis ei rannu yma.",
            ),
            _SHARE,
            _DO_NOT_SHARE,
        ),
        LawfulBasis.CONTRACT: _BasisWords(
            Words(
                "{organisation} needs this information to enter into a contract with you, or to keep one. "
                "Nothing is sent unless you choose to share it here.",
                "Mae ar {organisation} angen yr wybodaeth hon er mwyn ymrwymo i gontract â chi, neu gadw at "
                "un. Ni chaiff dim ei anfon oni bai eich bod yn dewis ei rannu yma.",
            ),
            _SHARE,
            _DO_NOT_SHARE,
        ),
        LawfulBasis.CONSENT: _BasisWords(
            Words(
                "{organisation} may use this information only if you consent. You are free to refuse. You "
                "can withdraw your consent at any time, and {organisation} must then stop using the "
                "information.",
                "Dim ond os ydych yn cydsynio y caiff {organisation} ddefnyddio’r wybodaeth hon. Rydych yn "
                "rhydd i wrthod. Gallwch dynnu eich cydsyniad yn ôl unrhyw bryd, ac yna rhaid i "
                "{organisation} roi’r gorau i ddefnyddio’r wybodaeth.",
            ),
            Words("I consent: share and continue", "Rwy’n cydsynio: rhannu a pharhau"),
            Words("I do not consent", "Nid wyf yn cydsynio"),
        ),
    }
)

_LEAD = Words(
    "{organisation} asks for this information so that you can use “{service}”.",
    "Mae {organisation} yn gofyn am yr wybodaeth hon er mwyn ichi allu defnyddio “{service}”.",
)

_PROOFING: Mapping[Proofing, Words] = MappingProxyType(
    {
        Proofing.NONE: Words("no proof of who you are", "dim prawf o bwy ydych"),
        Proofing.LOW: Words("low confidence in who you are", "hyder isel ynghylch pwy ydych"),
        Proofing.MEDIUM: Words("medium confidence in who you are", "hyder canolig ynghylch pwy ydych"),
        Proofing.HIGH: Words("high confidence in who you are", "hyder uchel ynghylch pwy ydych"),
        Proofing.VERY_HIGH: Words(
            "very high confidence in who you are", "hyder uchel iawn ynghylch pwy ydych"
        ),
    }
)

_PROTECTION: Mapping[Protection, Words] = MappingProxyType(
    {
        Protection.NONE: Words("a sign-in without protection", "mewngofnodi heb ddiogelwch"),
        Protection.LOW: Words("a sign-in with low protection", "mewngofnodi â diogelwch isel"),
        Protection.MEDIUM: Words("a sign-in with medium protection", "mewngofnodi â diogelwch canolig"),
        Protection.HIGH: Words("a sign-in with high protection", "mewngofnodi â diogelwch uchel"),
    }
)

_LEVEL = Words("{proofing}, and {protection}", "{proofing}, a {protection}")


def level_words(level: Level, language: str) -> str:
    """Say a level in words: how surely the person is known, how well the sign-in is kept."""
    return _LEVEL.text(language).format(
        proofing=_PROOFING[level.proofing].text(language),
        protection=_PROTECTION[level.protection].text(language),
    )


def build_notice(
    service: RelyingService, attributes: Iterable[RequestedAttribute], *, level: Level, language: str
) -> Notice:
    """Put together the notice for one service, these attributes, one language; UK GDPR, Articles 7 and 13.

    `level` is the one that would be asserted to the service. Which values would go out is no part of the
    notice: it is the same text for everybody, so that a consent record holds nothing about a person.
    """
    names = {"service": service.name.text(language), "organisation": service.organisation}
    basis = _BASIS[service.lawful_basis]
    notice = Notice(
        version=NOTICE_VERSION,
        language=language,
        service_id=service.id,
        service=names["service"],
        organisation=names["organisation"],
        lead=_LEAD.text(language).format(**names),
        basis=basis.explanation.text(language).format(**names),
        level=level_words(level, language),
        items=tuple(
            NoticeItem(
                attribute=attribute.name,
                label=label_attribute(attribute.name, language),
                purpose=attribute.purpose.text(language),
                required=attribute.required,
            )
            for attribute in attributes
        ),
        agree_label=basis.agree.text(language),
        refuse_label=basis.refuse.text(language),
        privacy_notice=None if service.privacy_notice is None else service.privacy_notice.text(language),
        provider_disclosed=service.disclose_provider,
        digest="",
    )
    return _with_digest(notice)


def notice_frame(service: RelyingService) -> NoticeFrame:
    """The frame of a service's notice, worked out once per registry revision."""
    digests = {}
    for language in LANGUAGES:
        words = asdict(build_notice(service, (), level=_NO_MATTER, language=language))
        for different in ("digest", "items", "level"):
            del words[different]
        digests[language] = hashlib.sha256(rfc8785.dumps(words)).hexdigest()
    everything = hashlib.sha256("".join(digests.values()).encode()).hexdigest()
    return NoticeFrame(version=f"{NOTICE_VERSION}.{everything[:16]}", digests=MappingProxyType(digests))


def _with_digest(notice: Notice) -> Notice:
    words = asdict(notice)
    del words["digest"]
    return replace(notice, digest=hashlib.sha256(rfc8785.dumps(words)).hexdigest())
