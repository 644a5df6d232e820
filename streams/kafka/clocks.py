"""The clocks of this process: what has a date, and what measures spans."""

import time


def wall_ms() -> int:
    """The wall clock in UTC ms. It may be set, so no span is measured by it."""
    return time.time_ns() // 1_000_000


def steady_ms() -> int:
    """Ms since some instant; nobody sets it."""
    return time.monotonic_ns() // 1_000_000
