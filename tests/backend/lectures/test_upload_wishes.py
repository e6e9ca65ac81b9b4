"""Upload-Metadata: what the file is called, and what its author wishes."""

from base64 import b64encode

import httpx
import msgspec
import pytest

from backend.lectures import tus
from media_pipeline.plan import Wishes
from media_pipeline.tables import Lecture
from tests.backend.lectures.tus_client import create, id_in
from tests.people import SignedIn


def pair(key: str, value: str) -> str:
    return f"{key} {b64encode(value.encode()).decode()}"


@pytest.mark.parametrize(
    ("said", "wishes"),
    [
        pytest.param(pair("title", "诚信"), Wishes(), id="none"),
        pytest.param(pair("av1", "true"), Wishes(av1=True), id="AV1"),
        pytest.param("encrypt", Wishes(encrypt=True), id="a key alone"),
        pytest.param("encrypt ", Wishes(encrypt=True), id="a key with an empty value"),
        pytest.param(f"{pair('av1', '1')},{pair('encrypt', 'True')}", 
                     Wishes(av1=True, encrypt=True), id="both"),
        pytest.param(f"{pair('av1', 'false')}, {pair('encrypt', '0')}", Wishes(), id="said not to"),
        pytest.param(f"relativePath bnVsbA==,{pair('hdr', 'perhaps')}", Wishes(),
                     id="keys that nobody knows here"),
    ],
)  # fmt: skip
async def test_wishes_are_kept_with_the_lecture(
    api: httpx.AsyncClient, author: SignedIn, said: str, wishes: Wishes
) -> None:
    created = await create(api, author, 5000, headers={"Upload-Metadata": said})
    assert created.status_code == 201
    lecture_id = id_in(created.headers["Location"])
    row = await Lecture.select(Lecture.wishes).where(Lecture.id == lecture_id).first()
    assert row is not None
    assert msgspec.json.decode(row["wishes"], type=Wishes) == wishes


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param(pair("av1", "perhaps"), "wish-not-readable", id="neither yes nor no"),
        pytest.param(f"{pair('title', 'a')},{pair('title', 'b')}", "metadata-not-readable",
                     id="one key twice"),
        pytest.param("title YQ== YQ==", "metadata-not-readable", id="two values"),
        pytest.param("title " + "A" * 5000, "metadata-not-readable", id="far too much"),
    ],
)  # fmt: skip
async def test_metadata_that_cannot_be_read_are_refused_before_anything_begins(
    api: httpx.AsyncClient, author: SignedIn, said: str, code: str
) -> None:
    refused = await create(api, author, 5000, headers={"Upload-Metadata": said})
    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert (await api.get("/v1/lectures", headers=author.headers)).json()["items"] == []


def test_no_metadata_at_all_is_no_wish() -> None:
    assert tus.wishes(tus.metadata({})) == Wishes()
