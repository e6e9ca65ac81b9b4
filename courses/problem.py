"""What is wrong with content, in words an author can act on."""

from collections.abc import Iterable

import msgspec


class Problem(msgspec.Struct, frozen=True):
    where: str
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} -> {self.cure}"


class ContentUnreadable(Exception):
    """The edition's files could not be read; `problems` names each place and its cure."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
