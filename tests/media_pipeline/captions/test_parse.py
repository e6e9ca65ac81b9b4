"""Authors' files, as editors, recognisers and people write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import DomainError
from media_pipeline.captions import parse
from media_pipeline.captions.domain import CUES, FILE_BYTES, TEXT_CHARACTERS, Cue
from media_pipeline.captions.errors import (
    CaptionsEmpty,
    CaptionsFaulty,
    CaptionsLate,
    CaptionsTooLarge,
    EncodingUnknown,
    NotCaptions,
    TooManyCues,
)
from media_pipeline.captions.parse import Format, Reading, fit, read
from media_pipeline.captions.write import cues_of, srt, vtt
from tests.media_pipeline.captions.samples import ASS, SRT, VTT, plain_cues, styled_cues


def in_order(cues: list[Cue]) -> list[Cue]:
    """Those of one moment stay as the author has them."""
    return sorted(cues, key=lambda cue: (cue.from_ms, cue.to_ms))


ONE = "1\n00:00:01,000 --> 00:00:02,000\n{}\n"


def told(reading: Reading) -> dict[str, int]:
    return {remark.code: remark.count for remark in reading.remarks}


@pytest.mark.parametrize(
    ("content", "kind"), [(SRT, Format.SRT), (VTT, Format.VTT), (ASS, Format.ASS)]
)
def test_the_three_formats_say_the_same(content: str, kind: Format) -> None:
    reading = read(content.encode())
    assert reading.format is kind
    assert reading.cues == (
        Cue(1000, 3500, "各位学员好，<b>重点</b>如下"),
        Cue(3000, 6000, "A &lt; B &amp; C\n第二行"),
        Cue(3_661_000, 3_662_250, "最后"),
    )


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("codec", "name"),
    [
        *[("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16")],
        *[("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("gb18030", "GB18030")],
    ],
)
def test_every_encoding_editors_write_is_read(codec: str, name: str, ends: str) -> None:
    reading = read(SRT.replace("\n", ends).encode(codec))
    assert reading.encoding == name
    assert reading.cues == read(SRT.encode()).cues
    assert ("encoding" in told(reading)) == (name != "UTF-8"), "a guess is told"


def test_traditional_text_in_big5_is_not_taken_for_gb18030() -> None:
    text = "各位同學大家好，歡迎學習知識產權管理體系，請翻開第一頁"
    reading = read(ONE.format(text).encode("big5"), language="zh-Hant")
    assert (reading.encoding, reading.cues[0].text) == ("Big5", text)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<i>斜</i><font color=red>红</font>", "<i>斜</i>红"),
        ("<b>不闭合", "<b>不闭合</b>"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("if a<n and n>b", "if a&lt;n and n&gt;b"),
        ("<b><i>两</b>种</i>", "<b><i>两</i></b><i>种</i>"),
        ("{\\an8}顶部", "顶部"),
        ("第 {1} 步", "第 {1} 步"),
        ("A --> B", "A --&gt; B"),
        ("一<br>二", "一\n二"),
        ("一\n\n2026", "一\n2026"),
        ("\u200fعربي", "\u200fعربي"),
        ("响\x07铃\x00", "响铃"),
        ("&amp;", "&amp;amp;"),
    ],
)
def test_only_bold_italic_and_underline_pass_and_all_else_is_text(body: str, expected: str) -> None:
    assert read(ONE.format(body).encode()).cues[0].text == expected


def test_webvtt_voices_notes_styles_and_positions_are_left_out_and_told() -> None:
    content = (
        "WEBVTT - 第一课\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n"
        "STYLE\n::cue { color: url(javascript:1) }\n\nNOTE\n某人说\n\n"
        "开场\n00:01.000 --> 00:02.000 line:0% align:start\n"
        "<v 张老师>你好<00:01.500>&nbsp;<c.x>吧</c>\n"
    )
    reading = read(content.encode())
    assert reading.cues == (Cue(1000, 2000, "你好\u00a0吧"),)
    assert told(reading) == {"header": 1, "comments": 2, "positions": 1, "markup": 3}


def test_ass_drawings_effects_and_comments_are_left_out_and_told() -> None:
    events = (
        "Dialogue: 0,0:00:01.00,0:00:02.00,D,张老师,0,0,0,,{\\pos(1,2)\\b1}重{\\b0}，点\\N行\n"
        "Dialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}\n"
        "Comment: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,草稿\n"
    )
    reading = read(f"[Script Info]\n\n[Events]\n{events}".encode())
    assert reading.cues == (Cue(1000, 2000, "<b>重</b>，点\n行"),)
    assert told(reading) == {"comments": 1, "speakers": 1, "empty": 1, "markup": 2}


def test_what_is_mended_is_told() -> None:
    content = (
        "2\n00:00:05,000 --> 00:00:06,000\n后\n\n还有\n\n"
        "1\n00:00:01,000 --> 00:00:02,000\n先\n\n3\n00:00:07,000 --> 00:00:08,000\n\n"
    )
    reading = read(content.encode())
    assert [cue.text for cue in reading.cues] == ["先", "后\n还有"]
    assert told(reading) == {"joined": 1, "unordered": 1, "empty": 1}


@pytest.mark.parametrize(
    ("content", "line", "en", "zh"),
    [
        ("1\n00:00:05,000 --> 00:00:02,000\nx", 2, "end before begin", "结束时间早于开始时间"),
        ("1\n00:00:05,000 --> 00:00:05,000\nx", 2, "ends at the moment", "相同"),
        (ONE.format("x") + "\n2\n00:aa --> 9\ny", 6, "time not readable", "无法读取"),
        (ONE.format("x") + "\n2\n00:75:00,000 --> 00:76:00,000\ny", 6, "not readable", "无法读取"),
        ("1\n09:00:00,000 --> 09:00:01,000\nx", 2, "later than six hours", "六小时"),
        ("你好\n\n" + ONE.format("x"), 1, "a line of times is expected", "时间行"),
        (ONE.format("x" * (TEXT_CHARACTERS + 1)), 2, "longer than 500", "超过 500"),
        (ONE.format("<b>" * 2000), 2, "longer than 500", "超过 500"),
        ("[Events]\nDialogue: 0,x,y", 2, "times or text are missing", "缺少"),
        ("[Events]\nPicture: 0", 2, "not a Dialogue line", "不是 Dialogue"),
        ("WEBVTT\n\n-00:01.000 --> 00:02.000\nx", 3, "time not readable", "无法读取"),
    ],
)
def test_a_faulty_line_is_named_in_both_languages(
    content: str, line: int, en: str, zh: str
) -> None:
    with pytest.raises(CaptionsFaulty) as refused:
        read(content.encode())
    assert f"line {line}: " in str(refused.value)
    assert en in str(refused.value)
    assert f"第 {line} 行：" in refused.value.zh
    assert zh in refused.value.zh
    assert f"line {line}" in refused.value.fields


def test_all_faults_are_counted_and_the_first_ten_are_shown() -> None:
    with pytest.raises(CaptionsFaulty, match="and 2 more") as refused:
        read(b"\n".join(b"1\n00:00:05,000 --> 00:00:02,000\nx\n" for _ in range(12)))
    assert list(refused.value.fields)[:2] == ["line 2", "line 6"]
    assert len(refused.value.fields) == 10


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", CaptionsEmpty),
        (b"\xef\xbb\xbf \n\n", CaptionsEmpty),
        (b"WEBVTT\n\n", CaptionsEmpty),
        (ONE.format("<b> </b>").encode(), CaptionsEmpty),
        ("各位学员好".encode(), NotCaptions),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(128, 256)), EncodingUnknown),
        ("1\n00:00:01,000 --> 00:00:02,000\nпривет мир".encode("koi8-r"), EncodingUnknown),
        (b" " * (FILE_BYTES + 1), CaptionsTooLarge),
        ("".join(ONE.format("x") + "\n" for _ in range(CUES + 1)).encode(), TooManyCues),
    ],
    ids=["nothing", "blank", "header alone", "no text", "prose", "picture", "koi8", "huge", "many"],
)
def test_what_is_no_captions_is_refused_with_its_reason(
    content: bytes, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        read(content)


@pytest.mark.parametrize(
    "content",
    [
        b"\n" * FILE_BYTES,
        b"1\n00:00:01,000 --> 00:00:02,000\n<" + b" " * 1_000_000,
        b"WEBVTT\n\n" + b"<" * 1_000_000,
        b"WEBVTT\n\n00:01.000 --> 00:02.000" + b" " * 1_000_000 + b"\n&#" + b"9" * 5000,
        b"[Events]\nFormat:" + b"," * 500_000 + b"\nDialogue:" + b"," * 500_000,
        b"1\n00:00:01" + b" " * 1_000_000 + b"-->\n" + b"{" * 900_000,
        b"-" * 1_000_000 + b"-->",
    ],
    ids=["lines", "open tag", "many open", "entity", "columns", "braces", "dashes"],
)
def test_crafted_files_are_refused_soon(content: bytes) -> None:
    """Patterns that backtrack would take hours for each of these; the runner of the tests ends
    long before."""
    with pytest.raises(DomainError):
        read(content)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    for wrapped in (content, b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + content):
        try:
            reading = read(wrapped)
        except DomainError:
            continue
        assert cues_of(vtt(reading.cues)) == reading.cues


@settings(deadline=None)
@given(styled_cues)
def test_webvtt_that_we_write_is_read_back_as_it_was(cues: list[Cue]) -> None:
    reading = read(vtt(cues).encode())
    assert list(reading.cues) == in_order(cues)
    assert list(cues_of(vtt(reading.cues))) == list(reading.cues)
    assert told(reading).keys() <= {"unordered"}


@settings(deadline=None)
@given(plain_cues)
def test_srt_that_we_write_is_read_back_as_it_was(cues: list[Cue]) -> None:
    assert list(read(srt(cues).encode()).cues) == in_order(cues)


def test_what_runs_past_the_end_is_cut_and_told() -> None:
    reading = Reading(Format.SRT, "UTF-8", (Cue(0, 900, "一"), Cue(800, 5000, "二")))
    fitted = fit(reading, 1000, refuse_late=True)
    assert fitted.cues == (Cue(0, 900, "一"), Cue(800, 1000, "二"))
    assert told(fitted) == {"cut": 1}


def test_captions_after_the_end_are_refused_or_left_out_but_never_unsaid() -> None:
    reading = Reading(Format.SRT, "UTF-8", (Cue(0, 900, "一"), Cue(1000, 5000, "二")))
    with pytest.raises(CaptionsLate, match=r"1 captions begin after .* \(00:00:01.000\)"):
        fit(reading, 1000, refuse_late=True)
    assert told(fit(reading, 1000, refuse_late=False)) == {"late": 1}
    with pytest.raises(CaptionsLate):
        fit(Reading(Format.SRT, "UTF-8", (Cue(1000, 1001, "x"),)), 1000, refuse_late=False)


def test_before_the_lecture_is_made_its_length_is_nobodys_concern() -> None:
    reading = Reading(Format.SRT, "UTF-8", (Cue(0, 9_000_000, "一"),))
    assert fit(reading, None, refuse_late=True) is reading


def test_every_remark_has_words_in_both_languages() -> None:
    for code in ("positions", "joined", "empty", "cut", "late"):
        remark = parse.remark(code, 3)
        assert "3" in remark.zh
        assert "3" in remark.en
