import shutil
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.accounts.domain import Role
from backend.curriculum import release_rows, releasing, service
from backend.curriculum.tables import EditionDraft
from courses.loader import canonical, load_edition
from infra.clock import ManualClock
from infra.objects import ObjectStore
from infra.tables import AuditEntry
from tests.courses.two_editions import first_edition, rewrite, second_edition
from tests.people import AsPerson, SignedIn

UNTIL = "2026-03-31"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("editions")
    first = first_edition(folder / "first")
    return first, second_edition(first, folder / "second")


@dataclass
class Desk:
    """Where editions are released, over HTTP."""

    api: httpx.AsyncClient
    author: SignedIn
    reviewer: SignedIn
    sha256: str

    async def propose(self, **changed: Any) -> httpx.Response:
        body = {"edition": "2026.2", "sha256": self.sha256, "finishUntil": UNTIL, **changed}
        return await self.api.post("/v1/edition-releases", json=body, headers=self.author.headers)

    async def decide(self, id_: str, by: SignedIn | None = None, **body: Any) -> httpx.Response:
        return await self.api.post(
            f"/v1/edition-releases/{id_}/decision",
            json={"release": True, **body},
            headers=(by or self.reviewer).headers,
        )

    async def states(self) -> list[str]:
        return [card["state"] for card in (await self.get("/v1/edition-drafts"))["items"]]

    async def get(self, path: str) -> Any:
        answer = await self.api.get(path, headers=self.reviewer.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def contents(folders: tuple[Path, Path]) -> tuple[bytes, bytes]:
    """Of both editions; read once."""
    first, second = (canonical(load_edition(folder)) for folder in folders)
    return first, second


@pytest.fixture
async def desk(
    api: httpx.AsyncClient,
    as_person: AsPerson,
    clock: ManualClock,
    contents: tuple[bytes, bytes],
) -> Desk:
    first, second = (sha256(content).hexdigest() for content in contents)
    await service.publish("2026.1", first, contents[0], now=clock())
    clock.advance(60)
    await release_rows.hand_in("2026.2", second, contents[1], now=clock())
    both = await as_person(Role.AUTHOR, Role.REVIEWER)
    return Desk(api, both, await as_person(Role.REVIEWER), second)


@pytest.mark.usefixtures("unit")
async def test_the_first_edition_is_in_use_at_once_and_the_next_one_waits(
    folders: tuple[Path, Path], object_store: ObjectStore, clock: ManualClock
) -> None:
    assert (await releasing.hand_in(folders[0], object_store, clock())).published
    for _ in range(2):
        clock.advance(60)
        waiting = await releasing.hand_in(folders[1], object_store, clock())
        assert (waiting.code, waiting.published) == ("2026.2", False)
    assert await EditionDraft.count().where(EditionDraft.sha256 == waiting.sha256) == 1
    standing = await releasing.standing()
    assert [step.code for step in standing.published] == ["2026.1"]
    assert [card.code for card in standing.drafts] == ["2026.2"]
    acts = await AuditEntry.select().where(AuditEntry.subject == "edition:2026.2")
    assert [row["act"] for row in acts] == ["edition-handed-in"]


@pytest.mark.usefixtures("unit")
async def test_an_item_that_asks_something_else_under_the_same_version_is_named(
    folders: tuple[Path, Path], object_store: ObjectStore, clock: ManualClock, tmp_path: Path
) -> None:
    await releasing.hand_in(folders[0], object_store, clock())
    clock.advance(60)
    third = Path(shutil.copytree(folders[1], tmp_path / "third"))
    rewrite(third / "M02" / "bank.toml", "2017年11月1日", "2017年12月1日")
    with pytest.raises(service.EditionUnfit) as refused:
        await releasing.hand_in(third, object_store, clock())
    assert "M02-001: it asks something else than in 2026.1" in str(refused.value)
    rewrite(third / "M02" / "bank.toml", 'id = "M02-001"', 'id = "M02-001"\nversion = 2')
    assert not (await releasing.hand_in(third, object_store, clock())).published


async def test_two_people_put_an_edition_into_use_and_the_trail_says_who(
    desk: Desk, clock: ManualClock
) -> None:
    (card,) = (await desk.get("/v1/edition-drafts"))["items"]
    assert (card["sha256"], card["state"]) == (desk.sha256, "handed-in")
    draft = await desk.get(f"/v1/edition-drafts/{card['id']}")
    proposed = (await desk.propose()).json()
    assert await desk.states() == ["proposed"]
    assert proposed["state"] == "proposed"
    assert (await desk.decide(proposed["id"], by=desk.author)).status_code == 403
    page = await desk.get(f"/v1/edition-releases/{proposed['id']}")
    assert (draft["insteadOf"], draft["lessons"]) == ("2026.1", page["lessons"])
    assert {one["code"]: one["change"] for one in page["lessons"]} == {
        "M02-L02": "changed",
        "M02-L03": "gone",
        "M02-L07": "new",
        "M02-L08": "moved",
    }
    assert (await service.current_edition()).code == "2026.1"
    done = await desk.decide(proposed["id"])
    assert (done.status_code, done.json()["state"]) == (200, "released")
    assert (await service.current_edition()).code == "2026.2"
    assert (await service.steps())[-1].finish_until is not None
    assert await desk.states() == ["published"]
    assert (await desk.decide(proposed["id"])).status_code == 409
    acts = await AuditEntry.select().where(AuditEntry.subject == "edition:2026.2")
    assert {(row["act"], row["actor"]) for row in acts} == {
        ("edition-release-proposed", desk.author.id),
        ("edition-release-released", desk.reviewer.id),
    }
    assert (await desk.propose()).json()["code"] == "already-published"


async def test_a_refusal_has_its_reason_and_leaves_room_for_another_proposal(desk: Desk) -> None:
    first = (await desk.propose()).json()["id"]
    assert (await desk.propose()).json()["code"] == "another-proposal"
    assert (await desk.decide(first, release=False)).status_code == 422
    refused = await desk.decide(first, release=False, reason="第二节有误，请更正")
    assert refused.json()["state"] == "refused"
    assert await desk.states() == ["refused"]
    second = (await desk.propose(editorial=["M02-L02"])).json()
    listed = await desk.get("/v1/edition-releases?limit=1")
    assert [one["id"] for one in listed["items"]] == [second["id"]]
    older = await desk.get(f"/v1/edition-releases?cursor={listed['next']}")
    assert [one["id"] for one in older["items"]] == [first]
    assert (await service.current_edition()).code == "2026.1"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param({"finishUntil": "2026-03-01"}, "last-day-wrong", id="a day that has passed"),
        pytest.param({"finishUntil": "2036-03-01"}, "last-day-wrong", id="a day far off"),
        pytest.param({"editorial": ["M02-L01"]}, "not-editorial", id="a lesson that is the same"),
        pytest.param({"sha256": "0" * 64}, "no-such-draft", id="content nobody handed in"),
    ],
)
async def test_a_proposal_that_cannot_be_is_refused(
    desk: Desk, changed: dict[str, Any], code: str
) -> None:
    assert (await desk.propose(**changed)).json()["code"] == code


async def test_a_release_whose_preview_is_no_longer_true_is_not_carried_out(
    desk: Desk, clock: ManualClock, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    late = (await desk.propose(finishUntil="2026-03-02")).json()["id"]
    clock.advance(timedelta(days=1).total_seconds())
    assert (await desk.decide(late)).json()["code"] == "release-outdated"
    await desk.decide(late, release=False, reason="最后日期已过")
    waiting = (await desk.propose()).json()["id"]
    other = second_edition(folders[0], tmp_path / "other")
    rewrite(other / "edition.toml", 'code = "2026.2"', 'code = "2026.3"')
    await service.load_edition(other, clock())
    assert (await desk.decide(waiting)).json()["code"] == "release-outdated"


async def test_the_draft_that_was_proposed_is_released_though_another_came_in_since(
    desk: Desk,
    object_store: ObjectStore,
    clock: ManualClock,
    folders: tuple[Path, Path],
    tmp_path: Path,
) -> None:
    proposed = (await desk.propose()).json()["id"]
    other = second_edition(folders[0], tmp_path / "other")
    rewrite(other / "M02" / "M02-L05.md", "。", "（又改）。")
    await releasing.hand_in(other, object_store, clock())
    assert await desk.states() == ["handed-in", "proposed"]
    await desk.decide(proposed)
    assert await desk.states() == ["code-taken", "published"]
    unknown = f"/v1/edition-drafts/{proposed}"
    assert (await desk.api.get(unknown, headers=desk.author.headers)).status_code == 404
    assert await service.edition_sha256() == desk.sha256
