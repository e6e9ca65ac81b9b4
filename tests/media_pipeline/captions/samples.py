"""One lecture's captions in three formats, and captions of any kind for properties."""

from hypothesis import strategies as st

from media_pipeline.captions.domain import LATEST_MS, TEXT_CHARACTERS, Cue
from media_pipeline.captions.markup import Run, plain, tidy, written

SRT = """1
00:00:01,000 --> 00:00:03,500
各位学员好，<b>重点</b>如下

2
00:00:03,000 --> 00:00:06,000
A < B & C
第二行

3
01:01:01,000 --> 01:01:02,250
最后
"""

VTT = """WEBVTT

00:01.000 --> 00:03.500
各位学员好，<b>重点</b>如下

第二条
00:00:03.000 --> 00:00:06.000
A &lt; B &amp; C
第二行

01:01:01.000 --> 01:01:02.250
最后
"""

ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname
Style: Default,Noto Sans

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:03.50,Default,,0,0,0,,各位学员好，{\\b1}重点{\\b0}如下
Dialogue: 0,0:00:03.00,0:00:06.00,Default,,0,0,0,,A < B & C\\N第二行
Dialogue: 0,1:01:01.00,1:01:02.25,Default,,0,0,0,,最后
"""

_runs = st.lists(
    st.builds(
        Run,
        st.text(st.characters(codec="utf-8"), max_size=40),
        st.sampled_from(["", "b", "i", "bu", "biu"]),
    ),
    min_size=1,
    max_size=5,
)
_texts = _runs.map(lambda runs: written(tidy(runs))).filter(
    lambda text: 0 < len(plain(text)) <= TEXT_CHARACTERS
)


def _plain_enough(text: str) -> bool:
    """SRT has markup but no way to say that something is none."""
    return not any(char in text for char in "<>{}&")


def _cues(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[Cue]]:
    def cue(start: int, length: int, text: str) -> Cue:
        return Cue(start, min(LATEST_MS, start + length), text)

    times = st.integers(0, LATEST_MS - 1)
    return st.lists(st.builds(cue, times, st.integers(1, 90_000), texts), min_size=1, max_size=8)


styled_cues = _cues(_texts)
plain_cues = _cues(_texts.map(plain).filter(_plain_enough))
