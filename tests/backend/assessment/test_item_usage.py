"""Usage of items, from attempts that people really made."""

from backend.assessment.item_usage import used
from tests.backend.assessment.sitting import Examinee


async def test_an_item_is_counted_with_every_marked_paper_it_stood_on(examinee: Examinee) -> None:
    attempt = await examinee.start()
    shown = [item["id"] for item in attempt["items"]]
    before = {(one.item, one.version): one.papers for one in await used(shown)}
    await examinee.submit(attempt, examinee.answers(attempt, right=1))
    after = await used(shown)
    assert {one.item for one in after} == set(shown)
    assert all(one.papers == before.get((one.item, one.version), 0) + 1 for one in after)
    assert await used(["nobody's"]) == []
