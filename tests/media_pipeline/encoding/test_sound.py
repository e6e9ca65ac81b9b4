"""Made sounds, as authors record them, each heard again after encoding."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from backend.demo.speech import speak
from media_pipeline.encoding.levels import SoundReport
from media_pipeline.encoding.sound import NotHeard, encode_sound, hear, read_report
from media_pipeline.judging.loudness import TARGET_LUFS
from media_pipeline.plan import NO_WISHES
from media_pipeline.running.launch import Limits
from media_pipeline.running.tools import Tools
from media_pipeline.transcode import prepare
from tests.media_pipeline import clips

SAID = "认证证明的，是一套真实运行的管理体系，而不是一本写好的手册。"
CLAPS = "0.9*lt(mod(t,2.5),0.004)*sin(6283*t)"
CLICKS = "lt(mod(t,2),0.003)*sin(6283*t)"
CHORD = "0.2*sin(1382*t)+0.1*sin(1741*t)|0.2*sin(2073*t)"


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Peaks 20 dB above its loudness."""
    path = tmp_path_factory.mktemp("voice") / "voice.wav"
    speak(SAID, path)
    return path


def turned(volume: str) -> tuple[str, ...]:
    return ("-i", "{voice}", "-af", f"volume={volume}")


def drawn(expression: str, seconds: float = 8) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"aevalsrc='{expression}':d={seconds}:s=44100")


SOUNDS = {
    "a voice with high peaks": turned("0dB"),
    "a voice far from its microphone": turned("-35dB"),
    "a clipped voice": turned("30dB"),
    "a clip of a second": ("-i", "{voice}", "-t", "1.2"),
    "a voice after half a minute of nothing": ("-i", "{voice}", "-af", "adelay=30000"),
    "music in stereo": drawn(CHORD),
    "pink noise": ("-f", "lavfi", "-i", "anoisesrc=a=0.3:d=6:color=pink:seed=1"),
    "a loud tone": drawn("0.9*sin(2764*t)", 4),
}


async def made(tools: Tools, path: Path, folder: Path) -> SoundReport:
    prepared = await prepare(tools, path, NO_WISHES)
    return await encode_sound(tools, path, prepared.source, prepared.plan, folder, lambda _: None)


def recorded(tmp_path: Path, voice: Path, options: tuple[str, ...]) -> Path:
    path = tmp_path / "recorded.wav"
    clips.ffmpeg(*(part.format(voice=voice) for part in options), "-c:a", "pcm_s16le", str(path))
    return path


def independently(tools: Tools, path: Path) -> tuple[float, float]:
    """By another meter than the one we correct by."""
    meter = ("-af", "loudnorm=print_format=json", "-f", "null", "-")
    command = [str(tools.ffmpeg), "-hide_banner", "-nostats", "-i", str(path), *meter]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    found = [re.search(rf'"input_{name}" : "(\S+)"', said) for name in ("i", "tp")]
    loudness, peak = (float(match[1]) for match in found if match)
    return loudness, peak


@pytest.mark.parametrize("sound", SOUNDS.values(), ids=SOUNDS)
async def test_every_sound_is_as_loud_as_it_should_be_and_clean(
    tools: Tools, voice: Path, tmp_path: Path, sound: tuple[str, ...]
) -> None:
    report = await made(tools, recorded(tmp_path, voice, sound), tmp_path)
    assert report.right
    loudness, peak = independently(tools, tmp_path / "audio.mp4")
    assert loudness == pytest.approx(TARGET_LUFS, abs=0.5)
    assert peak <= -1
    assert read_report(tmp_path) == report
    assert set(os.listdir(tmp_path)) == {"recorded.wav", "audio.mp4", "audio.json"}


async def test_hiss_is_not_made_a_storm(tools: Tools, voice: Path, tmp_path: Path) -> None:
    hiss = ("-f", "lavfi", "-i", "anoisesrc=a=0.0005:d=4:seed=1")
    report = await made(tools, recorded(tmp_path, voice, hiss), tmp_path)
    assert report.level is None
    assert report.heard.integrated < -60


async def test_digital_silence_is_reported_in_numbers(tools: Tools, tmp_path: Path) -> None:
    path = recorded(tmp_path, tmp_path, ("-f", "lavfi", "-i", "anullsrc=d=3"))
    assert (await made(tools, path, tmp_path)).level is None
    assert read_report(tmp_path) is not None


async def test_what_cannot_be_made_right_is_clean_and_says_so(
    tools: Tools, voice: Path, tmp_path: Path
) -> None:
    """Clicks between silences: no gain brings them up to speech without distortion."""
    report = await made(tools, recorded(tmp_path, voice, drawn(CLICKS)), tmp_path)
    assert not report.right
    assert report.heard.clean
    assert report.tries == 3
    assert independently(tools, tmp_path / "audio.mp4")[1] <= -1


async def test_a_voice_among_claps_comes_near(tools: Tools, voice: Path, tmp_path: Path) -> None:
    mixed = ("-filter_complex", "[0]volume=-25dB[a];[a][1]amix=normalize=0:duration=first")
    path = recorded(tmp_path, voice, ("-i", "{voice}", *drawn(CLAPS), *mixed))
    report = await made(tools, path, tmp_path)
    assert report.heard.clean
    assert report.heard.integrated == pytest.approx(TARGET_LUFS, abs=2.5)


async def test_a_file_nobody_can_hear_is_the_machine_s_fault(tools: Tools, tmp_path: Path) -> None:
    path = tmp_path / "audio.mp4"
    path.write_bytes(b"nothing")
    with pytest.raises(NotHeard):
        await hear(tools, path, Limits(timeout=20))
