"""What a long command tells while it works: a spinner on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape


class Story:
    """Chinese first, English beside it. Everything goes to standard error."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        started = time.monotonic()
        if self._console.is_terminal:
            with self._console.status(escape(text)):
                yield
        else:
            self.say(f"… {text}")
            yield
        self.say(f"✓ {text} ({time.monotonic() - started:.1f} s)", style="green")

    def say(self, text: str, style: str = "") -> None:
        """One line, unbroken: a path or an address must survive copying."""
        self._console.print(text, style=style, markup=False, soft_wrap=True)

    def warn(self, text: str) -> None:
        self.say(f"! {text}", style="yellow")
