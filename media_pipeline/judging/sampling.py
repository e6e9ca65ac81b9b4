"""Where to look and listen: all of a short recording, six pieces of a long one."""

WINDOW_SECONDS = 8.0
WINDOWS = 6


def windows(duration: float) -> list[tuple[float, float]]:
    """(start, length) in seconds."""
    if duration <= WINDOWS * WINDOW_SECONDS:
        return [(0.0, duration)]
    step = duration / WINDOWS
    return [(step * (n + 0.5) - WINDOW_SECONDS / 2, WINDOW_SECONDS) for n in range(WINDOWS)]
