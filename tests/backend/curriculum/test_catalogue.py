"""The catalogue with a lecture in place, without demonstrations, and before any publication."""

from typing import Any

import httpx
import msgspec
import pytest

from backend.lectures import repository as assignments
from infra.clock import ManualClock
from infra.ids import uuid7
from infra.settings import Settings
from media_pipeline.domain import Published
from media_pipeline.tables import Lecture
from tests.applications import application
from tests.conftest import PUBLIC_URL, START
from tests.statements import counted

SECONDS = 40
MANIFEST = Published(duration=40.4, master="master.m3u8", poster="poster.jpg", renditions=())


async def a_lecture() -> str:
    """A playable lecture, chosen for the demonstration's lesson; its id."""
    lecture_id, author_id = uuid7(), uuid7()
    await Lecture.insert(
        Lecture(
            id=lecture_id,
            author_id=author_id,
            title="认证是什么",
            created_at=START,
            state="playable",
            percent=100,
            package_prefix=f"lectures/{lecture_id}/1",
            manifest=msgspec.json.encode(MANIFEST).decode(),
            duration_seconds=SECONDS,
            playable_at=START,
        )
    )
    await assignments.assign(
        "M02-L01", lecture_id, demonstration=True, assigned_by=author_id, now=START
    )
    return str(lecture_id)


@pytest.fixture
async def lecture(published: str) -> str:
    return await a_lecture()


async def test_the_demonstration_opens_with_its_lecture(
    api: httpx.AsyncClient, lecture: str
) -> None:
    programme = (await api.get("/v1/programmes/DEMO")).json()
    assert (programme["open"], programme["whyNotOpen"]) == (True, None)
    assert (programme["moduleOrder"], programme["requires"]) == ("free", [])
    lesson = (await api.get("/v1/lessons/M02-L01?programme=DEMO")).json()
    assert lesson["lecture"] == {"id": lecture, "durationSeconds": SECONDS}
    assert programme["requiredSeconds"] == lesson["creditSeconds"]


async def test_a_lecture_for_demonstrations_is_not_shown_elsewhere(
    api: httpx.AsyncClient, lecture: str
) -> None:
    for path in ("/v1/lessons/M02-L01", "/v1/lessons/M02-L01?programme=MGR"):
        assert (await api.get(path)).json()["lecture"] is None


async def test_a_new_lecture_changes_the_tag_so_that_no_cache_hides_it(
    api: httpx.AsyncClient, published: str
) -> None:
    path = "/v1/lessons/M02-L01?programme=DEMO"
    before = (await api.get(path)).headers["etag"]
    await a_lecture()
    after = await api.get(path, headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after.headers["etag"] != before


@pytest.mark.parametrize(
    ("path", "most"),
    [
        pytest.param("/v1/programmes", 6, id="all programmes"),
        pytest.param("/v1/programmes/DEMO", 6, id="one programme"),
        pytest.param("/v1/modules/M02", 4, id="a module"),
        pytest.param("/v1/lessons/M02-L01?programme=DEMO", 6, id="a lesson"),
    ],
)
async def test_a_page_costs_a_bounded_number_of_queries(
    api: httpx.AsyncClient, lecture: str, path: str, most: int
) -> None:
    await api.get(path)  # the edition itself is read once a process
    async with counted() as asked:
        await api.get(path)
    assert 0 < len([query for query in asked if "SELECT" in query]) <= most, asked


async def test_without_demonstrations_there_is_none(
    api: httpx.AsyncClient, published: str, settings: Settings, clock: ManualClock
) -> None:
    real = application(settings.model_copy(update={"demo": False}), clock)
    transport = httpx.ASGITransport(app=real)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        listed: list[dict[str, Any]] = (await client.get("/v1/programmes")).json()["items"]
        assert "DEMO" not in {programme["code"] for programme in listed}
        assert (await client.get("/v1/programmes/DEMO")).status_code == 404
        asked = await client.get("/v1/lessons/M02-L01", params={"programme": "DEMO"})
        assert asked.status_code == 404


async def test_before_any_publication_the_catalogue_says_so(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/programmes", headers={"Accept-Language": "en"})
    assert (response.status_code, response.json()["code"]) == (503, "no-edition")
    assert "publish one" in response.json()["detail"]
