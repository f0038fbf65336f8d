"""Where this hub runs; what is unsafe is refused outside the environments that name it."""

from __future__ import annotations

import enum


class Environment(enum.StrEnum):
    """A developer's machine, a shared test federation, or the real one."""

    LOCAL = "local"
    INTEGRATION = "integration"
    PRODUCTION = "production"
