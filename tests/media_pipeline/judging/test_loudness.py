from pathlib import Path

import msgspec

from media_pipeline.judging.loudness import parse
from media_pipeline.judging.source import Loudness
from media_pipeline.plan import NO_WISHES
from media_pipeline.running.tools import Tools
from media_pipeline.transcode import Prepared, prepare


async def test_what_was_judged_of_silence_travels_to_other_workers(
    tools: Tools, hushed: Path
) -> None:
    prepared = await prepare(tools, hushed, NO_WISHES)
    assert prepared.source.audio is not None
    assert prepared.source.audio.loudness is not None
    assert prepared.source.audio.loudness.is_silence
    assert msgspec.json.decode(msgspec.json.encode(prepared), type=Prepared) == prepared


def test_the_meter_s_last_word_counts() -> None:
    said = ("  I:   -23.0 LUFS", "    Peak:   -9.0 dBFS", "  I:   -16.1 LUFS", "  Peak:  -1.4 dBFS")
    assert parse(said) == Loudness(-16.1, -1.4)
    assert parse(("  I:   -inf LUFS", "  Peak:  -inf dBFS")) == Loudness(-70, -70)
    assert parse(("  I:   -9.0 LUFS", "  Peak:   inf dBFS")) == Loudness(-9.0, 99)
    assert parse(said[:1]) is None
