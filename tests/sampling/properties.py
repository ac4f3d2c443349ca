"""How the property tests run: the same examples every time, and no stop-watch on a busy machine."""

from hypothesis import HealthCheck, settings

repeatable = settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
