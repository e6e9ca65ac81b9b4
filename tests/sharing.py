"""Who runs what when several processes share the tests out (`-n 4 --dist loadfile`)."""

from collections import Counter

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

# Each shares one live instance. Pages are too many for one: they would be all that is left at the
# end. The two halves take about as long.
TOGETHER = ("tests/browser/", "tests/journeys/test_")
# `marking` counts what waits at the desk, where an essay of `exam` would wait, too.
_SECOND = (
    *("account", "journey", "marking", "offline", "players", "privacy", "studio", "upload"),
    "watching",
)
# Making the description of the API takes three core-seconds and more, once a process.
DESCRIBED = tuple(
    f"tests/backend/{name}.py"
    for name in (
        *("test_app", "test_foreign_rows", "test_rights", "assessment/test_secrecy"),
        *("lectures/test_upload_document", "limits/test_answers", "progress/test_heartbeats"),
    )
)
SECOND_HALF = tuple(f"tests/browser/test_{name}.py" for name in _SECOND)
APART = ("tests/journeys/test_demo.py",)  # starts an instance of its own
# What takes half a minute or more on an idle machine, the longest first.
LONGEST = (
    *("tests/browser/", "tests/journeys/", "tests/backend/test_up.py"),
    *("tests/media_pipeline/work", "tests/media_pipeline/test_corpus.py"),
    *("tests/contract/", "tests/media_pipeline/encoding/"),
    *("tests/backend/test_media_commands.py", "tests/infra/"),
)


def group(nodeid: str) -> str:
    """A file stays together, for its fixtures, and so does all that shares a live instance."""
    file = nodeid.partition("::")[0]
    if file in APART:
        return file
    if file in SECOND_HALF:
        return "tests/browser/ second half"
    if file in DESCRIBED:
        return "tests/backend/ description of the API"
    return next((folder for folder in TOGETHER if file.startswith(folder)), file)


def longest_first(items: list[pytest.Item]) -> None:
    """In place. What takes longest begins first, so that no process has it left alone at the end;
    of the others, the largest file."""
    sizes = Counter(group(item.nodeid) for item in items)

    def place(item: pytest.Item) -> tuple[int, int, str]:
        of = group(item.nodeid)
        known = (n for n, start in enumerate(LONGEST) if item.nodeid.startswith(start))
        return next(known, len(LONGEST)), -sizes[of], of

    items.sort(key=place)


class FilesTogether(LoadScopeScheduling):  # type: ignore[misc]  # xdist is not typed
    """`--dist loadgroup` is of no use: its marks get lost since pytest 9.2 (xdist 3.8)."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        config.option.loadscopereorder = False  # else the groups of fewest tests would go last
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)
