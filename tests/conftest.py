"""Fixed settings of what all tests share."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "tracer", deadline=None, max_examples=40, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tracer")
os.environ.setdefault("TRACER_TRACEBACK", "full")
