"""Speech recognition behind its port: real sound, real commands, the real queue."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.errors import NotFound
from infra.lasting import lasting_queue
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from infra.vault import Vault
from media_pipeline.captions import jobs, repository, service
from media_pipeline.captions.domain import Fault, Line, Origin
from media_pipeline.captions.errors import (
    CaptionsFaulty,
    NoSpeechHeard,
    NothingToHear,
    NoTranscriber,
    NotYetPlayable,
    UploadedCaptionsStand,
)
from media_pipeline.captions.recognise import (
    CommandTranscriber,
    NullTranscriber,
    WhisperFilterTranscriber,
    has_whisper,
    transcriber,
)
from media_pipeline.domain import State
from media_pipeline.errors import MachineFault
from media_pipeline.running.tools import Tools
from media_pipeline.tables import Lecture
from tests import waiting
from tests.backend.lectures.published import a_row
from tests.conftest import START
from tests.media_pipeline import clips
from tests.media_pipeline.captions import sounds
from tests.one_connection import connection

ANY_COMMAND = "recognise {sound}"


@pytest.fixture(scope="module")
def sound(made: Path) -> Path:
    return sounds.segments(made / "sound")


@pytest.fixture
def context(
    settings: Settings, database: None, object_store: ObjectStore, tmp_path: Path
) -> WorkerContext:
    command = sounds.recogniser(tmp_path, "{sound}", "{language}", "{output}")
    own = {"data_dir": tmp_path, "keys_dir": settings.keys, "transcriber": command}
    return WorkerContext(
        objects=object_store, clock=system_clock, settings=settings.model_copy(update=own)
    )


def with_command(context: WorkerContext, command: str) -> WorkerContext:
    changed = context.settings.model_copy(update={"transcriber": command})
    return WorkerContext(objects=context.objects, clock=context.clock, settings=changed)


async def said(lecture_id: UUID) -> list[Line]:
    found = await repository.track(lecture_id, "zh-Hans")
    return await repository.lines(found.id) if found else []


@pytest.mark.parametrize("encrypted", [False, True])
async def test_what_the_recogniser_heard_becomes_a_track(
    unit: None, context: WorkerContext, sound: Path, vault: Vault, encrypted: bool
) -> None:
    key = vault if encrypted else None
    lecture_id = await sounds.lecture(context.objects, sound, now=START, vault=key)
    await jobs.transcribe_lecture(context, lecture_id, "zh-Hans")
    assert await said(lecture_id) == [Line(1000, 5000, "zh-Hans: 5.0 s")]
    (track,) = await service.tracks_of(lecture_id)
    assert (track.origin, track.label) == (Origin.RECOGNISED, "简体中文")
    await jobs.transcribe_lecture(context, lecture_id, "zh-Hans")
    assert (await service.tracks_of(lecture_id))[0].version == 1, "the same again is nothing new"
    assert not list((context.settings.data_dir / "scratch").iterdir()), "nothing is left behind"


async def test_captions_that_an_author_put_meanwhile_stay(
    unit: None, context: WorkerContext, sound: Path
) -> None:
    lecture_id = await sounds.lecture(context.objects, sound, now=START)
    mine = b"WEBVTT\n\n00:01.000 --> 00:02.000\nmine\n"
    row = await Lecture.select(Lecture.author_id).where(Lecture.id == lecture_id).first()
    assert row is not None
    await service.put_track(lecture_id, "zh-Hans", mine, author_id=row["author_id"], now=START)
    await jobs.transcribe_lecture(context, lecture_id, "zh-Hans")
    assert [line.text for line in await said(lecture_id)] == ["mine"]


async def test_a_lecture_without_sound_has_nothing_to_hear(
    unit: None, context: WorkerContext, sound: Path
) -> None:
    lecture_id = await sounds.lecture(context.objects, sound, now=START, master=sounds.SILENT)
    with pytest.raises(NothingToHear):
        await jobs.transcribe_lecture(context, lecture_id, "zh-Hans")


async def test_a_recogniser_that_hears_nothing_or_fails_is_not_believed(
    unit: None, context: WorkerContext, sound: Path
) -> None:
    lecture_id = await sounds.lecture(context.objects, sound, now=START)
    with pytest.raises(NoSpeechHeard):
        await jobs.transcribe_lecture(with_command(context, "echo {sound}"), lecture_id, "zh-Hans")
    broken = with_command(context, "sh -c 'echo no model >&2; exit 3' {sound}")
    with pytest.raises(MachineFault, match=r"exit 3\): no model"):
        await jobs.transcribe_lecture(broken, lecture_id, "zh-Hans")
    assert await service.tracks_of(lecture_id) == []


async def test_a_command_may_print_its_captions_and_be_told_the_bare_language(
    tmp_path: Path, sound: Path
) -> None:
    wav = tmp_path / "a b.wav"
    clips.ffmpeg("-i", str(sound / "index.m3u8"), "-ac", "1", "-ar", "16000", str(wav))
    command = CommandTranscriber.of(sounds.recogniser(tmp_path, "{sound}", "{lang}"))
    text = await command.transcribe(wav, language="zh-Hans", seconds=5, folder=tmp_path)
    assert text.splitlines()[-1] == "zh: 5.0 s"


@pytest.mark.parametrize("command", ["whisper 'open", "whisper file.wav", "whisper:/no/model.bin"])
def test_a_setting_that_cannot_work_is_refused_before_anything_runs(
    command: str, tools: Tools
) -> None:
    with pytest.raises(MachineFault, match="GUANBIAO_TRANSCRIBER cannot be used"):
        transcriber(command, tools)


async def test_without_a_recogniser_it_is_said_loudly(tools: Tools, tmp_path: Path) -> None:
    nobody = transcriber("  ", tools)
    assert isinstance(nobody, NullTranscriber)
    with pytest.raises(NoTranscriber):
        await nobody.transcribe(tmp_path / "x", language="zh", seconds=1, folder=tmp_path)


def test_the_whisper_filter_is_used_where_ffmpeg_has_it(tools: Tools, tmp_path: Path) -> None:
    model = tmp_path / "ggml base.bin"
    model.write_bytes(b"a model")
    if has_whisper(tools.ffmpeg):
        assert isinstance(transcriber(f"whisper:{model}", tools), WhisperFilterTranscriber)
    else:
        with pytest.raises(MachineFault, match="no whisper filter"):
            transcriber(f"whisper:{model}", tools)


def test_the_whisper_filter_is_given_paths_that_ffmpeg_reads_back() -> None:
    arguments = WhisperFilterTranscriber(Path("/ffmpeg"), Path("/m:o'd,el.bin"))._arguments(
        Path("/a.wav"), "zh-Hans", Path("/out.srt")
    )
    assert arguments[arguments.index("-af") + 1] == (
        r"whisper=model=/m\\:o\\\'d\,el.bin:language=zh:destination=/out.srt:format=srt"
    )


async def queued() -> int:
    async with UnitOfWork(DB):
        found: int = await connection().fetchval(
            "SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", jobs.TRANSCRIBE
        )
    return found


async def test_recognition_is_queued_once_a_language(unit: None) -> None:
    author = uuid4()
    lecture_id = await a_row(author, now=START)
    before = await queued()
    for language in ("zh-Hans", "ZH-hans", "en"):
        await jobs.ask(lecture_id, language, author_id=author, transcriber=ANY_COMMAND)
    assert await queued() == before + 2
    assert await jobs.asked_for(lecture_id) == ["en", "zh-Hans"]


async def test_recognition_is_not_queued_where_it_could_not_end_well(unit: None) -> None:
    author = uuid4()
    lecture_id = await a_row(author, now=START)
    waiting = await a_row(author, now=START, state=State.QUEUED)
    mine = b"WEBVTT\n\n00:01.000 --> 00:02.000\nmine\n"
    await service.put_track(lecture_id, "en", mine, author_id=author, now=START)
    with pytest.raises(NoTranscriber):
        await jobs.ask(lecture_id, "zh", author_id=author, transcriber=" ")
    with pytest.raises(NotYetPlayable):
        await jobs.ask(waiting, "zh", author_id=author, transcriber=ANY_COMMAND)
    with pytest.raises(UploadedCaptionsStand):
        await jobs.ask(lecture_id, "en", author_id=author, transcriber=ANY_COMMAND)
    with pytest.raises(NotFound):
        await jobs.ask(lecture_id, "zh", author_id=uuid4(), transcriber=ANY_COMMAND)
    assert await jobs.asked_for(lecture_id) == []


async def test_a_worker_takes_the_job_from_the_queue_and_says_why_one_failed(
    context: WorkerContext, sound: Path, database: None
) -> None:
    """The author asks again after a failure, and with the captions the failure is forgotten."""
    lecture_id = await sounds.lecture(context.objects, sound, now=START)
    silent = await sounds.lecture(context.objects, sound, now=START, master=sounds.SILENT)
    for asked in (lecture_id, silent):
        await asks(asked)
    async with hearing(with_command(context, "echo {sound}")) as queue:
        await waiting.condition(lambda: _has_failed(lecture_id, queue), seconds=30)
        await waiting.condition(lambda: _has_failed(silent, queue), seconds=30)
    assert [one.code for one in await jobs.failures(lecture_id)] == ["no-speech-heard"]
    (failure,) = await jobs.failures(silent)
    assert (failure.language, failure.code) == ("zh-Hans", "nothing-to-hear")
    assert "没有声音" in failure.zh
    await asks(lecture_id)
    assert await jobs.failures(lecture_id) == [], "asked again, it is not failed any more"
    async with hearing(context) as queue:
        await waiting.condition(lambda: _is_said(lecture_id, queue), seconds=30)
    assert await jobs.asked_for(lecture_id) == []


async def asks(lecture_id: UUID) -> None:
    row = await Lecture.select(Lecture.author_id).where(Lecture.id == lecture_id).first()
    assert row is not None
    await jobs.ask(lecture_id, "zh-Hans", author_id=row["author_id"], transcriber=ANY_COMMAND)


@asynccontextmanager
async def hearing(context: WorkerContext) -> AsyncIterator["asyncio.Task[None]"]:
    """A worker's queue for recognition, while it runs."""
    url = context.settings.database_url
    async with asyncpg.create_pool(url, min_size=2, max_size=4) as pool:
        queue = lasting_queue(pool, at_once=2)
        jobs.register(queue, context)
        running = asyncio.create_task(
            queue.qm.run(
                dequeue_timeout=timedelta(seconds=0.3), batch_size=1, max_concurrent_tasks=2
            )
        )
        yield running
        queue.shutdown.set()
        await running


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoSpeechHeard(), "no-speech-heard"),
        (CaptionsFaulty([Fault(3, "x", "x")]), "recognition-failed"),
        (MachineFault("exit 3: /opt/secret/model is missing", zh="x"), "recognition-failed"),
        (OSError(28, "No space left on device"), "recognition-failed"),
    ],
    ids=["nothing heard", "bad captions", "the recogniser fails", "the disk is full"],
)
def test_what_a_recogniser_did_is_the_operator_s_to_read(error: Exception, code: str) -> None:
    told = jobs.for_the_author(error, "zh-Hans", now=START)
    assert told.code == code
    assert "secret" not in told.en
    assert "upload captions" in told.en


async def _has_failed(lecture_id: UUID, running: "asyncio.Task[None]") -> bool:
    assert not running.done(), "the queue stopped"
    return bool(await jobs.failures(lecture_id))


async def _is_said(lecture_id: UUID, running: "asyncio.Task[None]") -> bool:
    assert not running.done(), "the queue stopped"
    return bool(await said(lecture_id))
