"""What `guanbiao media` prints: Chinese and English on one line, or JSON."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import typer

from infra.clock import system_clock as now
from media_pipeline.care.details import Details, TaskFacts
from media_pipeline.care.details import standing_object as as_object
from media_pipeline.care.files import Freed
from media_pipeline.care.purge import Purged
from media_pipeline.care.standing import Standing
from media_pipeline.care.sweep import Swept
from media_pipeline.domain import State

__all__ = ["as_line", "as_lines", "as_object", "now", "printed"]

_STATES = {
    State.UPLOADING: "上传中",
    State.QUEUED: "排队中",
    State.PROCESSING: "处理中",
    State.PLAYABLE: "可播放",
    State.FAILED: "失败",
}
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def printed(document: object) -> None:
    typer.echo(msgspec.json.format(msgspec.json.encode(document)).decode())


def as_line(lecture: Standing, at: datetime) -> str:
    state = f"{_STATES[lecture.state]} {lecture.state}"
    return f"{lecture.id}  {state:<14} {_situation(lecture, at):<28} {lecture.title}".rstrip()


def _situation(lecture: Standing, at: datetime) -> str:
    if lecture.waiting_for:
        return f"等待 waiting: {lecture.waiting_for.code}"
    if lecture.failure:
        again = " (retryable)" if lecture.retryable else ""
        return f"{lecture.failure.code}{again}"
    if lecture.state is State.PROCESSING:
        left = lecture.remaining_seconds(at)
        rest = f", {length(left)}" if left else ""
        return f"{lecture.overall_percent} % {lecture.step or ''}{rest}"
    if lecture.state is State.QUEUED and lecture.behind is not None:
        return f"前面 behind {lecture.behind}"
    if lecture.state is State.UPLOADING and lecture.length:
        return f"{100 * (lecture.received or 0) // lecture.length} % / {size(lecture.length)}"
    return length(lecture.duration_seconds) if lecture.duration_seconds else ""


def as_lines(found: Details, at: datetime) -> Iterator[str]:
    lecture = found.standing
    yield as_line(lecture, at)
    yield f"  作者 author        {lecture.author_id}"
    yield f"  开始次数 starts    {lecture.starts}   attempt {lecture.attempt_id}"
    yield f"  文件 upload        {lecture.filename}   {size(lecture.length or 0)}"
    if lecture.wishes.av1 or lecture.wishes.encrypt or lecture.encrypted:
        yield f"  要求 wishes        av1={lecture.wishes.av1} encrypt={lecture.wishes.encrypt}"
    if lecture.waiting_for:
        yield f"  等待 waiting       {lecture.waiting_for.zh}\n    {lecture.waiting_for.en}"
    if lecture.failure:
        yield f"  失败 failure       {lecture.failure.zh}\n    {lecture.failure.en}"
    for part in lecture.degraded:
        yield f"  缺少 missing       {part.part} ({part.code}): {part.zh}\n    {part.en}"
    for lesser in lecture.shortcomings:
        yield f"  不足 shortcoming   [{lesser.rule}] × {lesser.count}: {lesser.where} {lesser.what}"
    for task in found.tasks:
        yield f"  任务 task          {_task(task)}"
    for folder, held in found.files.items():
        yield f"  存储 stored        {folder}   {held.objects} × , {size(held.bytes)}"
    for other in found.shared_with:
        yield f"  共用 shared with   {other}"


def _task(task: TaskFacts) -> str:
    worker = f"  {task.worker}" if task.worker else ""
    return (
        f"{task.kind}-{task.number}  {task.state}  {task.percent} %  starts {task.starts}{worker}"
    )


def purged_line(one: Purged) -> str:
    return f"{one.lecture_id}  {one.freed.objects} 个文件 files  {size(one.freed.bytes)}"


def purged_object(one: Purged) -> dict[str, Any]:
    freed = one.freed
    return {"id": str(one.lecture_id), "objects": freed.objects, "bytes": freed.bytes}


def total_line(found: list[Purged], removed: bool) -> str:
    freed = sum((one.freed for one in found), start=Freed())
    told = f"{len(found)} 个视频 lectures, {freed.objects} 个文件 files, {size(freed.bytes)}"
    if removed:
        return f"已清除 · removed: {told}"
    return f"将清除（加 --yes 执行）· would remove (add --yes to do it): {told}"


def swept_line(swept: Swept) -> str:
    if swept.nothing:
        return "没有残留 · nothing to remove"
    return (
        f"已清理 · removed: {swept.objects} 个文件 files, {size(swept.bytes)}"
        f" ({swept.expired} 个过期上传 expired uploads, {swept.sources} 个原文件 sources,"
        f" {swept.packages} 个旧版本 packages, {swept.work} 个工作目录 work folders,"
        f" {swept.multiparts} 个未完成分段 open multiparts,"
        f" {swept.kept_too_long} 个失败满 30 天 failed for 30 days)"
    )


def size(count: float) -> str:
    for unit in _UNITS[:-1]:
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} {_UNITS[-1]}"


def length(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
