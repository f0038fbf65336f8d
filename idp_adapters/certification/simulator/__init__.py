"""Providers that behave, and misbehave on request, over real HTTP: adapters and candidates are tried on them.

serve_oidc("127.0.0.1:8401", "http://localhost:8401")
"""

from __future__ import annotations

from idp_adapters.certification.simulator.oidc.options import StubOptions
from idp_adapters.certification.simulator.oidc.outcomes import Outcome
from idp_adapters.certification.simulator.oidc.stub import create_oidc_stub
from idp_adapters.certification.simulator.server import serve_oidc

__all__ = ["Outcome", "StubOptions", "create_oidc_stub", "serve_oidc"]
