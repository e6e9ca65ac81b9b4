"""`guanbiao demo`: the whole journey against a running instance, or one it starts itself."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec

from backend.demo import lecture
from backend.demo.answers import Answers
from backend.demo.client import Person, Refused, Unreachable
from backend.demo.journey import AUTHOR, LESSON, PASSWORD, PROGRAMME, Journey
from backend.demo.pace import FastPace, HonestPace, Pace, TookTooLong
from backend.demo.steps import Steps
from backend.demo.throwaway import instance
from backend.demo.video import LIMIT_SECONDS, fit
from infra.clock import ShiftedClock, system_clock

VALID, OTHER_VERDICT, REFUSED, UNREACHABLE = 0, 1, 2, 3
_HTTP_TIMEOUT = httpx.Timeout(60)


def demo_command(video: Path | None, as_json: bool, fast: bool, url: str | None) -> int:
    """Exit code: 0 valid, 1 another verdict, 2 refused with the reason, 3 machine at fault.

    `url` names a running instance; without it, or with `fast`, a throwaway one is started.
    """
    steps = Steps(quiet=as_json and not sys.stderr.isatty())
    try:
        _must_exist(video)
        with ExitStack() as stack:
            base_url, pace = stack.enter_context(_instance(url, fast, steps))
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guanbiao-")))
            chosen = _video(video, scratch, steps)
            http = stack.enter_context(httpx.Client(base_url=base_url, timeout=_HTTP_TIMEOUT))
            _must_be_demonstration(http)
            outcome = Journey(http, pace, steps, Answers.of_this_installation()).run(chosen)
    except Refused as error:
        return _failed(as_json, REFUSED, error.code, error.detail)
    except (Unreachable, TookTooLong, RuntimeError) as error:
        return _failed(as_json, UNREACHABLE, "machine-fault", str(error))
    print(msgspec.json.encode(outcome).decode())
    return VALID if outcome.verdict == "valid" else OTHER_VERDICT


def prepare_demonstration(base_url: str) -> bool:
    """Give a fresh demonstration instance its lecture; False when it has one already."""
    with httpx.Client(base_url=base_url, timeout=_HTTP_TIMEOUT) as http:
        lesson = Person(http).get(f"/v1/lessons/{LESSON}", programme=PROGRAMME)
        if lesson["lecture"]:
            return False
        with tempfile.TemporaryDirectory(prefix="guanbiao-") as scratch:
            steps = Steps()
            with steps.step("draw", "制作演示课件 drawing the demonstration lecture"):
                video = lecture.make(Path(scratch) / "认证制度与诚信.mp4")
            author = Person(http).sign_in(AUTHOR, PASSWORD)
            Journey(http, HonestPace(), steps, Answers.of_this_installation()).publish(
                author, video
            )
    return True


@contextmanager
def _instance(url: str | None, fast: bool, steps: Steps) -> Iterator[tuple[str, Pace]]:
    if url and not fast:
        yield url, HonestPace()
        return
    steps.say("启动一次性演示实例，结束后即删除 · starting a throwaway instance, gone afterwards")
    # Behind by more than the lecture takes; the clock itself refuses to run ahead.
    clock = ShiftedClock(behind=timedelta(seconds=2 * LIMIT_SECONDS)) if fast else None
    with instance(clock or system_clock) as base_url:
        yield base_url, FastPace(clock) if clock else HonestPace()


def _must_exist(video: Path | None) -> None:
    if video is not None and not video.is_file():
        raise Refused(0, "no-such-file", f"找不到文件 {video}。There is no file {video}.")


def _must_be_demonstration(http: httpx.Client) -> None:
    """The journey makes up people and a lecture: no real instance takes part in it."""
    programmes = Person(http).get("/v1/programmes")["items"]
    if not any(programme["code"] == PROGRAMME for programme in programmes):
        raise Refused(
            0,
            "not-a-demonstration",
            f"{http.base_url} 不是演示实例，请用 guanbiao up --demo 启动，或加 --fast。 "
            "This instance is not a demonstration: start one with guanbiao up --demo,"
            " or add --fast.",
        )


def _video(video: Path | None, scratch: Path, steps: Steps) -> Path:
    if video is None:
        return lecture.make(scratch / "认证制度与诚信.mp4")
    chosen, shortened = fit(video, scratch)
    if shortened:
        steps.say(
            f"演示小节最长 {LIMIT_SECONDS} 秒，只取视频开头 · "
            f"the demonstration lesson takes {LIMIT_SECONDS} s: only the beginning is used"
        )
    return chosen


def _failed(as_json: bool, exit_code: int, code: str, detail: str) -> int:
    if as_json:
        print(msgspec.json.encode({"error": code, "detail": detail}).decode())
    print(f"guanbiao demo: {detail} [{code}]", file=sys.stderr)
    return exit_code
