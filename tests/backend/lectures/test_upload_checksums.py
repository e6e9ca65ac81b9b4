"""Upload-Checksum: nothing of a request counts unless its bytes are right."""

from itertools import pairwise

import httpx
import pytest

from infra.objects import ObjectStore
from media_pipeline.uploading.domain import PART_BYTES
from tests.backend.lectures.tus_client import TUS, checksum, create, id_in, offset_of, send
from tests.one_connection import connection
from tests.people import SignedIn

SHORT = b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 40


async def lecture_state(api: httpx.AsyncClient, author: SignedIn, location: str) -> str:
    found = await api.get(location.replace("uploads", "lectures"), headers=author.headers)
    return str(found.json()["state"])


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
async def test_bytes_that_are_right_count(
    api: httpx.AsyncClient, author: SignedIn, algorithm: str
) -> None:
    location = (await create(api, author, len(SHORT) + 1)).headers["Location"]
    sent = await send(api, author, location, SHORT, headers=checksum(SHORT, algorithm))
    assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, str(len(SHORT)))


async def test_bytes_that_are_wrong_do_not_and_may_be_sent_again(
    api: httpx.AsyncClient, author: SignedIn, object_store: ObjectStore
) -> None:
    location = (await create(api, author, len(SHORT))).headers["Location"]
    broken = SHORT[:-1] + b"!"
    wrong = await send(api, author, location, broken, headers=checksum(SHORT))
    assert (wrong.status_code, wrong.json()["code"]) == (460, "checksum-mismatch")
    assert wrong.headers["Upload-Offset"] == "0"
    assert "Upload-Expires" in wrong.headers
    assert await offset_of(api, author, location) == 0
    assert (await send(api, author, location, SHORT, headers=checksum(SHORT))).status_code == 204
    assert await object_store.get_bytes(f"incoming/{id_in(location)}") == SHORT


async def test_wrong_parts_of_a_long_request_are_stored_over(
    api: httpx.AsyncClient, author: SignedIn, object_store: ObjectStore, large: bytes
) -> None:
    """Two whole parts lie in the store when the sum turns out wrong; none of them counts."""
    location = (await create(api, author, len(large))).headers["Location"]
    await send(api, author, location, large[:1000], headers=checksum(large[:1000]))
    broken = large[1000:9000] + bytes(1000) + large[10_000:]
    wrong = await send(api, author, location, broken, offset=1000, headers=checksum(large[1000:]))
    assert wrong.status_code == 460
    assert await offset_of(api, author, location) == 1000
    assert await lecture_state(api, author, location) == "uploading"
    rest = large[1000:]
    assert (
        await send(api, author, location, rest, offset=1000, headers=checksum(rest))
    ).status_code == 204
    assert await object_store.get_bytes(f"incoming/{id_in(location)}") == large
    assert await lecture_state(api, author, location) == "queued"


async def test_checked_requests_may_end_anywhere(
    api: httpx.AsyncClient, author: SignedIn, object_store: ObjectStore, large: bytes
) -> None:
    location = (await create(api, author, len(large))).headers["Location"]
    cuts = [0, 100, PART_BYTES - 1, PART_BYTES, 2 * PART_BYTES + 77, len(large)]
    for start, end in pairwise(cuts):
        piece = large[start:end]
        sent = await send(
            api, author, location, piece, offset=start, headers=checksum(piece, "sha1")
        )
        assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, str(end))
    name = f"incoming/{id_in(location)}"
    assert await object_store.get_bytes(name) == large
    assert await object_store.list_names(name) == [name]


async def test_a_file_is_not_refused_for_what_the_line_did_to_it(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    text = b"Not a lecture at all.\n" * 300
    location = (await create(api, author, len(text))).headers["Location"]
    wrong = await send(api, author, location, text, headers=checksum(b"what was meant"))
    assert wrong.status_code == 460
    assert await lecture_state(api, author, location) == "uploading"
    refused = await send(api, author, location, text, headers=checksum(text))
    assert (refused.status_code, refused.json()["code"]) == (422, "not-a-video")


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("crc32 AAAAAA==", id="an algorithm that is not spoken here"),
        pytest.param("sha256", id="no digest"),
        pytest.param("sha256 ***", id="a digest that is no base64"),
        pytest.param("sha256 AAAA", id="a digest of another length"),
        pytest.param("", id="nothing"),
    ],
)
async def test_a_checksum_that_cannot_be_read_is_said_to_be(
    api: httpx.AsyncClient, author: SignedIn, header: str
) -> None:
    location = (await create(api, author, len(SHORT))).headers["Location"]
    sent = await send(api, author, location, SHORT, headers={"Upload-Checksum": header})
    assert (sent.status_code, sent.json()["code"]) == (400, "checksum-not-readable")
    assert await offset_of(api, author, location) == 0


async def test_bytes_of_a_creation_are_checked_too(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    right = await create(api, author, len(SHORT), content=SHORT[:99], headers=checksum(SHORT[:99]))
    assert (right.status_code, right.headers["Upload-Offset"]) == (201, "99")
    before = (await api.get("/v1/lectures", headers=author.headers)).json()["items"]
    wrong = await create(api, author, len(SHORT), content=SHORT[:99], headers=checksum(SHORT))
    assert (wrong.status_code, "Location" in wrong.headers) == (460, False)
    after = (await api.get("/v1/lectures", headers=author.headers)).json()["items"]
    assert after == before, "an upload whose address nobody knows is not kept"


async def test_a_creation_with_more_than_it_announced_leaves_nothing(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    answer = await create(api, author, 9000, content=SHORT)
    assert (answer.status_code, answer.json()["code"]) == (413, "more-than-announced")
    assert (await api.get("/v1/lectures", headers=author.headers)).json()["items"] == []


async def test_an_answer_that_sends_the_client_elsewhere_says_where_and_until_when(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    location = (await create(api, author, len(SHORT) + 1)).headers["Location"]
    await send(api, author, location, SHORT)
    wrong = await send(api, author, location, SHORT, offset=3)
    assert wrong.status_code == 409
    assert wrong.headers["Upload-Offset"] == str(len(SHORT))
    asked = await api.head(location, headers={**author.headers, **TUS})
    assert wrong.headers["Upload-Expires"] == asked.headers["Upload-Expires"]


async def test_parts_that_were_lost_in_the_store_are_sent_again(
    api: httpx.AsyncClient, author: SignedIn, object_store: ObjectStore, large: bytes
) -> None:
    """A part that is not the one we stored must not end as a lecture, nor as a dead end."""
    location = (await create(api, author, len(large))).headers["Location"]
    await send(api, author, location, large[:-1])
    await _forget_parts(id_in(location).hex)
    lost = await send(api, author, location, large[-1:], offset=len(large) - 1)
    assert (lost.status_code, lost.json()["code"]) == (409, "parts-damaged")
    assert lost.headers["Upload-Offset"] == "0"
    assert (await send(api, author, location, large)).status_code == 204
    assert await object_store.get_bytes(f"incoming/{id_in(location)}") == large


async def _forget_parts(upload_id: str) -> None:
    """As if the store held other bytes under these numbers."""
    await connection().execute(
        "UPDATE upload SET etags = array_fill($2::varchar, ARRAY[cardinality(etags)])"
        " WHERE id = $1::uuid",
        *(upload_id, "0" * 32),
    )
