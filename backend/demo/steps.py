"""Progress of a journey as a person sees it, and the seconds each step took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn


class Steps:
    """One line a step on standard error; standard output stays free for the result."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str, said: str) -> Iterator["Bar"]:
        started = time.monotonic()
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        with Progress(*columns, TimeElapsedColumn(), console=self._console) as progress:
            bar = Bar(progress, said)
            yield bar
            bar.at(100)
        self.seconds[name] = round(time.monotonic() - started, 2)

    def say(self, line: str) -> None:
        self._console.print(line)


class Bar:
    def __init__(self, progress: Progress, said: str) -> None:
        self._progress, self._task = progress, progress.add_task(said, total=100)

    def at(self, percent: float) -> None:
        self._progress.update(self._task, completed=percent)
