"""Speech recognition: a port, and what may stand behind it. No model is shipped.

A recogniser is the operator's own program, so it is bounded like every tool (CPU, file size, time;
it dies with its worker) but not shut away from the machine: it must reach its model.
"""

import shlex
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from media_pipeline.captions.errors import NoTranscriber
from media_pipeline.errors import MachineFault
from media_pipeline.running.launch import Command, Limits, host
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

WHISPER = "whisper:"
SAMPLE_RATE = 16_000
_LEAST_SECONDS = 600.0  # loading a model takes minutes on a slow disk
_SECONDS_PER_SECOND = 10.0  # a large model on a few cores is several times slower than speech
_log = structlog.get_logger(__name__)


class Transcriber(Protocol):
    """Hears `sound`, a mono WAV of 16 kHz and `seconds` length, and gives back SRT or WebVTT.

    `language` is a BCP 47 tag. `folder` may be written. Raises MachineFault, TimedOut.
    """

    async def transcribe(
        self, sound: Path, *, language: str, seconds: float, folder: Path
    ) -> str: ...


class NullTranscriber:
    """Stands where no recogniser is set up, and says so."""

    async def transcribe(self, sound: Path, *, language: str, seconds: float, folder: Path) -> str:  # noqa: ARG002
        _log.warning("NO SPEECH RECOGNISER is set up: GUANBIAO_TRANSCRIBER is empty")
        raise NoTranscriber


class CommandTranscriber:
    """Any command. `{sound}`, `{language}` (zh-Hans), `{lang}` (zh) and `{output}` in its words are
    filled in; what it writes to `{output}`, or else prints, is the captions."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = words

    @classmethod
    def of(cls, command: str) -> "CommandTranscriber":
        """MachineFault for a command with open quotes, or without the place for the sound."""
        try:
            words = tuple(shlex.split(command))
        except ValueError as error:
            raise _unusable(str(error)) from error
        if not any("{sound}" in word for word in words):
            raise _unusable("it does not name {sound}")
        return cls(words)

    async def transcribe(self, sound: Path, *, language: str, seconds: float, folder: Path) -> str:
        output = folder / "recognised.srt"
        values = {
            "{sound}": str(sound),
            "{language}": language,
            "{lang}": language.partition("-")[0],
            "{output}": str(output),
        }
        said = await _run(tuple(_filled(word, values) for word in self._words), seconds, folder)
        return output.read_text("utf-8-sig", "replace") if output.is_file() else said


class WhisperFilterTranscriber:
    """ffmpeg's own `whisper` filter (since 8.0, where it was built with whisper.cpp)."""

    def __init__(self, ffmpeg: Path, model: Path) -> None:
        self._ffmpeg, self._model = ffmpeg, model

    async def transcribe(self, sound: Path, *, language: str, seconds: float, folder: Path) -> str:
        output = folder / "recognised.srt"
        await _run(self._arguments(sound, language, output), seconds, folder)
        return output.read_text("utf-8", "replace")

    def _arguments(self, sound: Path, language: str, output: Path) -> tuple[str, ...]:
        options = {
            "model": str(self._model),
            "language": language.partition("-")[0],
            "destination": str(output),
            "format": "srt",
        }
        whisper = ":".join(f"{name}={_escaped(value)}" for name, value in options.items())
        command = (str(self._ffmpeg), "-v", "error", "-nostdin", "-i", f"file:{sound}")
        return (*command, "-af", f"whisper={whisper}", "-f", "null", "-")


def transcriber(setting: str, tools: Tools) -> Transcriber:
    """What GUANBIAO_TRANSCRIBER stands for: `whisper:<model file>`, a command, or nothing."""
    if not setting.strip():
        return NullTranscriber()
    if not setting.startswith(WHISPER):
        return CommandTranscriber.of(setting)
    model = Path(setting.removeprefix(WHISPER).strip())
    if not model.is_file():
        raise _unusable(f"there is no model at {model}")
    if not has_whisper(tools.ffmpeg):
        raise _unusable("this ffmpeg has no whisper filter; name one that has by GUANBIAO_FFMPEG")
    return WhisperFilterTranscriber(tools.ffmpeg, model)


@lru_cache
def has_whisper(ffmpeg: Path) -> bool:
    asked = [str(ffmpeg), "-hide_banner", "-filters"]
    done = subprocess.run(
        asked, capture_output=True, text=True, timeout=30, check=False, stdin=subprocess.DEVNULL
    )
    return any(line.split()[1:2] == ["whisper"] for line in done.stdout.splitlines())


def _filled(word: str, values: dict[str, str]) -> str:
    for place, value in values.items():
        word = word.replace(place, value)
    return word


def _escaped(value: str) -> str:
    """Twice, as ffmpeg reads a filter graph: once for the option, once for the graph."""
    option = "".join(f"\\{char}" if char in "\\':" else char for char in value)
    return "".join(f"\\{char}" if char in "\\'[],;" else char for char in option)


async def _run(words: tuple[str, ...], seconds: float, folder: Path) -> str:
    limits = Limits(timeout=_LEAST_SECONDS + _SECONDS_PER_SECOND * seconds)
    unboxed = msgspec.structs.replace(host(), bwrap=None)
    finished = await run(Command(args=words, writes=(folder,), cwd=folder), limits, on=unboxed)
    if not finished.ok:
        raise finished.fault("Speech recognition")
    return finished.output


def _unusable(why: str) -> MachineFault:
    return MachineFault(
        f"GUANBIAO_TRANSCRIBER cannot be used: {why}.",
        zh=f"GUANBIAO_TRANSCRIBER 无法使用：{why}。",
    )
