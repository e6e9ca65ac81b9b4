from pathlib import Path

import msgspec

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
