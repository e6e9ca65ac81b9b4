import pytest

from tests.bench.rows import interleaved, met, row


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        pytest.param("ratio >= 2", True, id="a ratio at its bound is met"),
        pytest.param("ratio >= 2.1", False, id="a ratio below its bound is not"),
        pytest.param("value <= 10", True, id="a value may be bounded from above"),
        pytest.param("value <= 9.5", False, id="and missed"),
    ],
)
def test_a_target_is_judged_by_its_own_text(target: str, expected: bool) -> None:
    assert row("x", value=10, unit="1/s", floor=5, target=target).met is expected


def test_a_target_nobody_can_judge_is_an_error() -> None:
    with pytest.raises(ValueError, match="reads like"):
        met("fast enough", value=1, ratio=1)


def test_measures_take_turns_and_give_their_median() -> None:
    said: list[str] = []
    figures = iter([1.0, 10.0, 9.0, 30.0, 2.0, 20.0])

    def measure(name: str) -> float:
        said.append(name)
        return next(figures)

    assert interleaved(lambda: measure("a"), lambda: measure("b")) == [2.0, 20.0]
    assert said == ["a", "b"] * 3
