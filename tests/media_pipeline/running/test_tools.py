from pathlib import Path

import pytest

from media_pipeline.errors import NotAVideo, ToolMissing, Truncated
from media_pipeline.running.tools import Tools, find, find_all, missing, versions


def test_the_installed_tools_lack_nothing() -> None:
    assert missing() == []


def test_versions_are_one_line_each(tools: Tools) -> None:
    said = versions(tools)
    assert said.ffmpeg.startswith("ffmpeg version")
    assert said.ffprobe.startswith("ffprobe version")
    assert "packager" in said.packager


def test_a_named_tool_is_taken(monkeypatch: pytest.MonkeyPatch, tools: Tools) -> None:
    monkeypatch.setenv("GUANBIAO_FFMPEG", "/bin/sh")
    assert find("ffmpeg") == Path("/bin/sh").resolve()
    assert find_all().ffprobe == tools.ffprobe


def test_a_file_that_may_not_be_executed_is_no_tool(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain = tmp_path / "ffmpeg"
    plain.write_text("#!/bin/sh\n")
    monkeypatch.setenv("GUANBIAO_FFMPEG", str(plain))
    with pytest.raises(ToolMissing, match="GUANBIAO_FFMPEG"):
        find("ffmpeg")
    assert len(missing()) == 1


def test_an_ffmpeg_without_our_filters_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANBIAO_FFMPEG", "/bin/true")
    assert "ffmpeg lacks the encoder libx264" in missing()
    assert "ffmpeg lacks the filter ebur128" in missing()


def test_a_refusal_has_a_code_and_says_what_to_do_in_both_languages() -> None:
    refusal = Truncated()
    assert refusal.code == "truncated"
    assert "export it again" in refusal.en
    assert "重新" in refusal.zh
    assert NotAVideo().message("zh-CN") == NotAVideo.zh
