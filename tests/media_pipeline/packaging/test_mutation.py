"""Whatever is done to a package, the checker answers, and reads nothing outside it."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_pipeline.packaging import check
from media_pipeline.packaging.check import RULES
from media_pipeline.packaging.reading import FolderFiles
from tests.media_pipeline.packaging import faults
from tests.media_pipeline.packaging.conftest import KEY
from tests.media_pipeline.packaging.held import HeldFiles
from tests.media_pipeline.packaging.making import SECONDS
from tests.media_pipeline.packaging.planting import together

Held = dict[str, dict[str, bytes]]
EXAMPLES = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def full(contents: dict[str, bytes]) -> dict[str, bytes]:
    filled = dict(contents)
    together(faults.with_captions, faults.with_storyboard)(filled)
    return filled


def answers(contents: dict[str, bytes], key: bytes | None = None) -> None:
    for found in check.inspect(HeldFiles(contents), SECONDS, key):
        assert found.rule in RULES
        assert found.what


@EXAMPLES
@given(data=st.data())
def test_flipped_bytes_are_answered(data: st.DataObject, held_packages: Held) -> None:
    kind = data.draw(st.sampled_from(["camera", "av1", "encrypted"]))
    contents = full(held_packages[kind])
    for path in data.draw(st.lists(st.sampled_from(sorted(contents)), min_size=1, max_size=6)):
        changed = bytearray(contents[path])
        # Mostly in the head, where the boxes are.
        reach = min(len(changed), data.draw(st.sampled_from([100, 1000, 10**9])))
        for at in data.draw(st.lists(st.integers(0, reach - 1), min_size=1, max_size=8)):
            changed[at] = data.draw(st.integers(0, 255))
        contents[path] = bytes(changed)
    answers(contents, KEY if kind == "encrypted" else None)


@EXAMPLES
@given(data=st.data())
def test_lines_lost_doubled_and_torn_are_answered(data: st.DataObject, held_packages: Held) -> None:
    contents = full(held_packages["camera"])
    texts = [path for path in sorted(contents) if path.endswith((".m3u8", ".vtt"))]
    for path in data.draw(st.lists(st.sampled_from(texts), min_size=1, max_size=4)):
        lines = contents[path].split(b"\n")
        at = data.draw(st.integers(0, len(lines) - 1))
        torn = lines[at][: data.draw(st.integers(0, len(lines[at])))]
        lines[at : at + 1] = data.draw(st.sampled_from([[], [lines[at]] * 2, [torn]]))
        contents[path] = b"\n".join(lines)
    answers(contents)


@EXAMPLES
@given(data=st.data())
def test_values_swapped_for_others_are_answered(data: st.DataObject, held_packages: Held) -> None:
    contents = full(held_packages["camera"])
    path = data.draw(st.sampled_from(["master.m3u8", "90p/index.m3u8", "90p/iframes.m3u8"]))
    lines = contents[path].decode().split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    name, _, value = lines[at].partition(data.draw(st.sampled_from([":", "=", ","])))
    odd = data.draw(
        st.text(max_size=20) | st.sampled_from(["9" * 5000, "1e308", "-1", "\0", value])
    )
    lines[at] = f"{name}:{odd}"
    contents[path] = "\n".join(lines).encode("utf-8", "surrogatepass")
    answers(contents)


@EXAMPLES
@given(data=st.data())
def test_lost_and_cut_files_are_answered(data: st.DataObject, held_packages: Held) -> None:
    contents = full(held_packages["camera"])
    lost = st.lists(st.sampled_from(sorted(contents)), min_size=1, max_size=6, unique=True)
    for path in data.draw(lost):
        length = data.draw(st.integers(-1, len(contents[path])))
        contents[path] = contents[path][:length]
        if length < 0:
            del contents[path]
    answers(contents)


def test_nothing_outside_the_package_is_read(tmp_path: Path, held_packages: Held) -> None:
    """Addresses that lead out are faults, and what lies there might as well not exist."""
    folder = tmp_path / "package"
    for path, content in held_packages["silent"].items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    outside = tmp_path / "outside"
    (folder / "90p").rename(outside)
    (folder / "90p").symlink_to(outside)
    master = folder / "master.m3u8"
    master.write_text(master.read_text().replace("90p/index.m3u8", "../outside/index.m3u8", 1))
    found = check.inspect(FolderFiles(folder), SECONDS)
    assert {fault.rule for fault in found if fault.where == "master.m3u8"} >= {"Own address"}
    missing = {fault.where for fault in found if fault.rule == "Own playlist"}
    assert missing == {"../outside/index.m3u8", "90p/iframes.m3u8"}
