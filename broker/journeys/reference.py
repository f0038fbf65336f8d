"""The journey reference that citizen, service and support share: `XXXX-XXXX-XXXX`, random, no secret."""

from __future__ import annotations

import re
import secrets

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


def new_reference() -> str:
    """Sixty random bits in Crockford's base 32: easy to read out, reveals nothing."""
    letters = [secrets.choice(_CROCKFORD) for _ in range(12)]
    return "-".join("".join(letters[start : start + 4]) for start in (0, 4, 8))
