"""What the picker says of a provider: who runs it, and which documents it can check.

Invariant: every kind has words; a document that nobody has named yet is shown under its registered name.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from broker.pages.catalogs import mark

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "private": mark("Run by a private company."),
        "public": mark("Run by a public body."),
        "mutual": mark("Run by an organisation that its members own."),
    }
)

DOCUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "passport": mark("passport"),
        "driving_licence": mark("driving licence"),
        "identity_card": mark("identity card"),
        "biometric_residence_permit": mark("biometric residence permit"),
        "birth_certificate": mark("birth certificate"),
        "marriage_certificate": mark("marriage certificate"),
        "bank_account": mark("bank account"),
        "credit_card": mark("credit card"),
        "national_insurance_number": mark("National Insurance number"),
        "utility_bill": mark("household bill"),
        "bus_pass": mark("bus pass"),
        "veteran_card": mark("veteran card"),
    }
)
