"""What an encode may use of its machine, and how it makes do with that.

Estimated here, from sizes measured on ffmpeg 9 and 5.1 (slide and camera ladders, one to sixteen
threads); held by the runner, which ends what exceeds the bound.
"""

import os
from collections.abc import Sequence

import msgspec

from media_pipeline.judging.source import Source
from media_pipeline.plan import Plan, Rung

BASE_MB = 80.0
# Pictures on their way from the decoder to the encoders.
DECODED = 20
TONE_MAPPED = 6
FLOAT_BYTES = 12
# Bytes a pixel of a picture that x264 holds (with its half-size copy), and of one more thread.
HELD_BYTES = 3.4
THREAD_BYTES = 8.0
# x264 holds these besides its lookahead: references, reordering, in the making.
ALWAYS_HELD = 8
MOST_THREADS = 16
LOOKAHEADS = (None, 20, 10, 5)
USUAL_LOOKAHEADS = {"veryfast": 10, "fast": 30}
# An estimate is none too exact.
TRUSTED = 0.8


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """`threads` 0: one for every core that the tool may use: those of `bound_to`, or of this
    process. `memory_mb` bounds the largest resident size of a tool."""

    threads: int = 0
    memory_mb: int = 2048
    nice: int = 10
    bound_to: frozenset[int] | None = None

    @property
    def cores(self) -> int:
        return min(MOST_THREADS, self.threads or len(self.bound_to or cores_of_this_process()))


class Thrift(msgspec.Struct, frozen=True):
    """Threads of the decoder and of each encoder; pictures x264 looks ahead, None: as its preset
    has it."""

    threads: int
    lookahead: int | None = None


def cores_of_this_process() -> frozenset[int]:
    """Those it was bound to (`taskset`, a cpuset), not all that the machine has."""
    if hasattr(os, "sched_getaffinity"):  # Linux
        return frozenset(os.sched_getaffinity(0))
    return frozenset(range(os.cpu_count() or 1))


USUAL = Means()
LEAST = Thrift(1, LOOKAHEADS[-1])


def estimated_mb(source: Source, plan: Plan, rungs: Sequence[Rung], thrift: Thrift) -> float:
    """Resident size of an ffmpeg that decodes the source and encodes all `rungs`."""
    video = source.video
    decoded = video.width * video.height if video else 0
    encoded = sum(rung.width * rung.height for rung in rungs)
    wide = 2 if video and video.bit_depth > 8 else 1
    size = DECODED * decoded * 1.5 * wide + thrift.threads * THREAD_BYTES * (decoded + encoded)
    if plan.tone_map:
        size += TONE_MAPPED * decoded * FLOAT_BYTES
    for rung in rungs:
        ahead = USUAL_LOOKAHEADS.get(rung.preset, 40)
        ahead = min(ahead, thrift.lookahead) if thrift.lookahead is not None else ahead
        size += (ahead + ALWAYS_HELD) * rung.width * rung.height * HELD_BYTES
    return BASE_MB + size / 2**20


def within(means: Means, source: Source, plan: Plan, rungs: Sequence[Rung]) -> Thrift:
    """As many threads as there are, while they fit; then fewer; then a shorter look ahead."""
    room = means.memory_mb * TRUSTED
    for lookahead in LOOKAHEADS:
        threads = means.cores
        while threads:
            thrift = Thrift(threads, lookahead)
            if estimated_mb(source, plan, rungs, thrift) <= room:
                return thrift
            threads //= 2
    return LEAST
