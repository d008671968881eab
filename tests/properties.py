"""How properties are tested: as long as it takes, on any machine, however busy.

What chance makes of a strategy and how fast this machine is say nothing about the code.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

__all__ = ["PATIENT", "SHARED"]

CHANCE = (HealthCheck.too_slow, HealthCheck.filter_too_much)
PATIENT = settings(deadline=None, suppress_health_check=CHANCE)
# Fixtures are made once for all examples, which these tests know.
SHARED = settings(PATIENT, suppress_health_check=(*CHANCE, HealthCheck.function_scoped_fixture))

settings.register_profile("patient", PATIENT)
