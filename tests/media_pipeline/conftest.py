from pathlib import Path

import pytest

from media_pipeline.packaging.manifest import Package
from media_pipeline.running.tools import Tools, find_all
from media_pipeline.transcode import transcode
from tests.media_pipeline import clips


@pytest.fixture(scope="session")
def tools() -> Tools:
    return find_all()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose name would trip anything that builds a command line from text."""
    return tmp_path_factory.mktemp("课程 lecture's, folder=1")


@pytest.fixture(scope="session")
def bunny() -> Path:
    """5.3 s, 1280 × 720, six channels of sound."""
    return clips.sample("bigbuckbunny.mp4")


@pytest.fixture(scope="session")
def bikes() -> Path:
    """10 s, 640 × 272, silent."""
    return clips.sample("bikes.mp4")


@pytest.fixture(scope="session")
def short(made: Path) -> Path:
    """2.5 s, 320 × 240, with sound; index first, as phones and exporters write it."""
    return clips.clip(made / "short.mp4", options=("-movflags", "+faststart"))


@pytest.fixture(scope="session")
def slides(made: Path) -> Path:
    """Seven seconds of one slide with a voice."""
    path = made / "slides.mp4"
    return clips.clip(path, picture=clips.STILL, size="1280x720", rate="10", seconds=7)


@pytest.fixture(scope="session")
def rotated(made: Path, short: Path) -> Path:
    """A phone held upright: stored 320 × 240, shown 240 × 320."""
    path = made / "rotated.mp4"
    clips.ffmpeg("-display_rotation", "90", "-i", str(short), "-c", "copy", str(path))
    return path


@pytest.fixture(scope="session")
def uneven(made: Path, short: Path) -> Path:
    """A screen recording that drops every frame in which nothing happened."""
    path = made / "uneven.mp4"
    dropped = "select='not(between(mod(n,10),3,7))'"
    rates = ("-fps_mode", "vfr", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "copy")
    clips.ffmpeg("-i", str(short), "-vf", dropped, *rates, str(path))
    return path


@pytest.fixture(scope="session")
def sound_only(made: Path) -> Path:
    path = made / "voice.mp3"
    talk = [part.format(seconds=3) for part in clips.TALK]
    clips.ffmpeg(*talk, "-c:a", "libmp3lame", str(path))
    return path


@pytest.fixture(scope="session")
def one_picture(made: Path, short: Path) -> Path:
    """One picture under a long sound, as slide exporters write it."""
    path = made / "one picture.mp4"
    clips.ffmpeg(
        *("-i", str(short), "-f", "lavfi", "-i", "sine=frequency=200:duration=4"),
        *("-map", "0:v", "-map", "1:a", "-vf", "trim=end_frame=1", *clips.QUICK, str(path)),
    )
    return path


@pytest.fixture(scope="session")
def turned_over(made: Path) -> Path:
    """A front camera's: black on the left and white on the right, in all 256 steps of brightness,
    to be shown the other way round."""
    plain, path = made / "plain.mp4", made / "turned_over.mp4"
    halves = "color=white:s=320x240:r=15:d=2,drawbox=w=160:h=240:color=black:t=fill"
    full = (*("-vf", "scale=out_range=full,format=yuv420p"), *("-color_range", "pc"))
    clips.ffmpeg("-f", "lavfi", "-i", halves, *full, str(plain))
    clips.ffmpeg("-display_hflip", "-i", str(plain), "-c", "copy", str(path))
    return path


@pytest.fixture(scope="session")
def odd(made: Path) -> Path:
    """321 × 241, as a window recorder cuts it."""
    options = ("-pix_fmt", "yuv444p")
    return clips.clip(made / "odd.mp4", size="321x241", sound=False, options=options)


@pytest.fixture(scope="session")
def late(made: Path, short: Path) -> Path:
    """The picture ends after 2.5 s; the sound begins at 1.5 s and ends at 4 s."""
    path = made / "late.mkv"
    shifted = ("-itsoffset", "1.5", "-i", str(short))
    clips.ffmpeg("-i", str(short), *shifted, "-map", "0:v", "-map", "1:a", "-c", "copy", str(path))
    return path


@pytest.fixture(scope="session")
def hdr(made: Path) -> Path:
    """Ten bits, PQ; like many phones' files it states no matrix."""
    graph = ("-vf", "format=yuv420p10le,setparams=color_trc=smpte2084")
    options = (*graph, "-pix_fmt", "yuv420p10le")
    return clips.clip(made / "hdr.mp4", seconds=2, sound=False, options=options)


@pytest.fixture(scope="session")
def hushed(made: Path) -> Path:
    return clips.clip(made / "hushed.mp4", options=("-af", "volume=0"))


@pytest.fixture(scope="session")
async def slide_package(slides: Path, tmp_path_factory: pytest.TempPathFactory) -> Package:
    folder = tmp_path_factory.mktemp("slides") / "package"
    return await transcode(slides, folder, on_progress=lambda *_: None)
