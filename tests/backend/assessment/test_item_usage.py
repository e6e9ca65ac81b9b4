"""Usage and facility of items, from attempts that people really made."""

from decimal import Decimal

from backend.assessment.item_usage import used
from tests.backend.assessment.sitting import Examinee


async def test_what_was_earned_is_the_share_of_the_points_on_all_papers(
    examinee: Examinee,
) -> None:
    attempt = await examinee.start()
    shown = [item["id"] for item in attempt["items"]]
    before = {(one.item, one.version): one for one in await used(shown)}
    await examinee.submit(attempt, examinee.answers(attempt, right=1))
    for place, one in enumerate(await used(shown)):
        was = before.get((one.item, one.version))
        papers, earned = (was.papers, was.papers * (was.facility or 0)) if was else (0, Decimal(0))
        assert one.papers == papers + 1, place
        right = one.item == shown[0]
        assert one.facility is not None
        assert abs(one.facility - (earned + right) / one.papers) < Decimal("0.01")
    assert await used(["nobody's"]) == []
