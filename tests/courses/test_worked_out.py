from msgspec.structs import replace

from courses.format import Edition
from courses.worked_out import WorkedOut


def test_it_is_worked_out_once_for_each_edition_and_key(edition: Edition) -> None:
    kept, worked = WorkedOut[int](most=2), list[int]()

    def work() -> int:
        worked.append(len(worked))
        return worked[-1]

    other = replace(edition, code="2026.2")
    assert [kept.of(edition, "a", work) for _ in range(3)] == [0, 0, 0]
    assert kept.of(other, "a", work) == 1
    assert kept.of(edition, "a", work) == 0
    assert kept.of(edition, "b", work) == 2  # and the one not asked for longest goes
    assert kept.of(edition, "a", work) == 0
    assert kept.of(other, "a", work) == 3
