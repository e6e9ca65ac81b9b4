"""An item found faulty after people answered it: seen first, decided by two, done once."""

from typing import Any

import httpx
import msgspec
import pytest

from backend.accounts.domain import Role
from backend.assessment.earning import earned_again
from backend.assessment.marking.remedies import repository
from backend.assessment.marking.tables import AttemptCorrection
from backend.assessment.privacy_facts import erase_person
from backend.assessment.recompute import recompute
from backend.assessment.tables import ExamAttempt
from backend.notices.tables import Notice
from backend.oversight.tables import IntegritySignal
from backend.records.domain import RecordFacts
from backend.records.evidence.domain import Earning, Manifest, compared
from backend.records.tables import DueRecord
from infra.ids import uuid7
from tests.backend.assessment.sitting import Examinee
from tests.people import AsPerson, SignedIn

REASON = {"reason": "题干与答案不符，经两人核对。"}


class Office:
    """A reviewer who proposes and an administrator who decides."""

    def __init__(self, api: httpx.AsyncClient, reviewer: SignedIn, head: SignedIn) -> None:
        self.api, self.reviewer, self.head = api, reviewer, head

    async def propose(self, item: str, kind: str, **more: Any) -> dict[str, Any]:
        body = {"itemId": item, "version": 1, "kind": kind, **REASON, **more}
        made = await self.api.post("/v1/item-remedies", json=body, headers=self.reviewer.headers)
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()
        return found

    async def preview(self, remedy: dict[str, Any]) -> dict[str, Any]:
        path = f"/v1/item-remedies/{remedy['id']}/preview"
        seen: dict[str, Any] = (await self.api.get(path, headers=self.reviewer.headers)).json()
        return seen

    async def decide(
        self, remedy: dict[str, Any], sha256: str, by: SignedIn | None = None
    ) -> httpx.Response:
        path = f"/v1/item-remedies/{remedy['id']}/decision"
        body = {"apply": True, "previewSha256": sha256, **REASON}
        return await self.api.post(path, json=body, headers=(by or self.head).headers)


@pytest.fixture
async def office(api: httpx.AsyncClient, as_person: AsPerson) -> Office:
    return Office(api, await as_person(Role.REVIEWER), await as_person(Role.ADMINISTRATOR))


async def sit(examinee: Examinee, right: int) -> dict[str, Any]:
    attempt = await examinee.start()
    assert (await examinee.submit(attempt, examinee.answers(attempt, right))).status_code == 200
    return attempt


async def test_a_fail_becomes_a_pass_as_previewed_once_and_the_first_mark_stays(
    examinee: Examinee, office: Office, as_person: AsPerson
) -> None:
    attempt = await sit(examinee, right=5)
    blank = attempt["items"][9]["id"]
    learner = examinee.learner.person.id
    path = f"/v1/item-remedies/items/{blank}?version=1"
    met = (await office.api.get(path, headers=office.head.headers)).json()
    assert (met["item"]["id"], met["papers"], met["facility"], met["picks"]) == (blank, 1, 0, {})
    first = path.replace(blank, attempt["items"][0]["id"])
    met = (await office.api.get(first, headers=office.head.headers)).json()
    assert met["facility"] == 1
    assert met["picks"] == dict.fromkeys(met["solution"]["picked"], 1)
    for nowhere in (f"{path}0", path.replace(blank, "%00"), path.replace(blank, "x" * 65)):
        gone = await office.api.get(nowhere, headers=office.head.headers)
        assert gone.status_code in {404, 422}
    assert (await examinee.learner.get(path)).status_code == 403
    remedy = await office.propose(blank, "full-marks")
    assert remedy["own"]
    seen = await office.preview(remedy)
    counts = {name: seen[name] for name in ("attempts", "raised", "nowPass", "wouldFail")}
    assert counts == {"attempts": 1, "raised": 1, "nowPass": 1, "wouldFail": 0}
    (change,) = seen["changed"]
    assert (change["before"], change["after"], change["passed"]) == (50.0, 60.0, True)

    office_of_one = await as_person(Role.REVIEWER, Role.ADMINISTRATOR)
    own = await office.api.post(
        "/v1/item-remedies",
        json={"itemId": blank, "version": 1, "kind": "void", **REASON},
        headers=office_of_one.headers,
    )
    refused = await office.decide(own.json(), seen["sha256"], office_of_one)
    assert (refused.status_code, refused.json()["code"]) == (403, "somebody-else-decides")
    old = await office.decide(remedy, "0" * 64)
    assert (old.status_code, old.json()["code"]) == (409, "preview-old")

    examinee.clock.advance(3 * 86400)
    done = await office.decide(remedy, seen["sha256"])
    assert (done.status_code, done.json()["state"], done.json()["attempts"]) == (200, "applied", 1)
    again = await office.decide(remedy, seen["sha256"])
    assert (again.status_code, again.json()["code"]) == (409, "decided-already")

    row = await ExamAttempt.select(ExamAttempt.score, ExamAttempt.passed).where(
        ExamAttempt.id == attempt["id"]
    )
    assert (float(row[0]["score"]), row[0]["passed"]) == (50.0, False)
    path = f"/v1/attempts/{attempt['id']}/corrections"
    (told,) = (await examinee.learner.get(path)).json()["items"]
    assert (told["before"], told["score"], told["passed"]) == (50.0, 60.0, True)
    result = (await examinee.see(attempt))["result"]
    assert (result["score"], result["firstScore"], result["passed"]) == (60.0, 50.0, True)
    assert (result["recordDue"], result["failedModules"]) == (True, [])
    (listed,) = await examinee.history()
    assert (listed["score"], listed["firstScore"], listed["passed"]) == (60.0, 50.0, True)
    due = await DueRecord.select(DueRecord.facts, DueRecord.earning).where(
        DueRecord.learner_id == learner
    )
    today = examinee.clock().date().isoformat()
    assert len(due) == 1
    assert today in bytes(due[0]["facts"]).decode()
    assert "exam-correction" in bytes(due[0]["facts"]).decode()
    assert await differing(due[0]) == []
    assert (
        await Notice.count().where(Notice.person_id == learner, Notice.kind == "exam-corrected")
        == 1
    )
    assert (await examinee.try_start()).json()["code"] == "already-passed"
    assert (await office.preview(remedy))["raised"] == 0
    assert (await recompute()).differing == []
    await erase_person(learner, now=examinee.clock())
    assert await ExamAttempt.exists().where(ExamAttempt.id == attempt["id"])  # a record's evidence


async def differing(due: dict[str, Any]) -> list[str]:
    """Parts of the evidence of a record that the rows do not give again."""
    facts = msgspec.json.decode(due["facts"], type=RecordFacts)
    earned = msgspec.json.decode(due["earning"], type=Earning)
    manifest = Manifest(v=2, record="", salt="", facts=facts, earned=earned)
    found = compared(manifest, *await earned_again(manifest))
    return [part.name for part in found if not part.agrees]


async def test_a_pass_that_would_be_none_stands_and_people_look_at_it(
    examinee: Examinee, office: Office
) -> None:
    attempt = await sit(examinee, right=6)
    item = attempt["items"][0]
    wrong = next(o["text"] for o in item["options"] if o["text"] not in examinee.right[item["id"]])
    body: dict[str, Any] = {"itemId": item["id"], "version": 1, "kind": "new-key"}
    for more, code in (
        ({"key": ["no such option"]}, "not-that-item"),
        ({}, "not-that-item"),
        ({"key": ["A"], "version": 7}, "nobody-answered"),
    ):
        answer = await office.api.post(
            "/v1/item-remedies", json={**body, **REASON, **more}, headers=office.reviewer.headers
        )
        assert answer.json()["code"] == code
    key = await key_named(examinee, item["id"], wrong)
    remedy = await office.propose(item["id"], "new-key", key=[key])
    seen = await office.preview(remedy)
    (change,) = seen["changed"]
    assert (change["mended"], change["after"], change["wouldFail"]) == (50.0, 60.0, True)
    assert (await office.decide(remedy, seen["sha256"])).status_code == 200
    rows = await AttemptCorrection.select().where(AttemptCorrection.attempt_id == attempt["id"])
    assert [(row["score"], row["mended"], row["passed"]) for row in rows] == [(60, 50, True)]
    signals = await IntegritySignal.count().where(IntegritySignal.subject == attempt["id"])
    assert signals == 1
    news = await Notice.count().where(
        Notice.person_id == examinee.learner.person.id, Notice.kind == "exam-corrected"
    )
    assert [one["firstScore"] for one in await examinee.history()] == [None]
    assert news == 0  # nothing of theirs has changed


async def test_an_attempt_marked_after_the_remedy_is_corrected_at_once(
    examinee: Examinee, office: Office
) -> None:
    attempt = await examinee.start()
    faulty, *others = attempt["items"]
    remedy = await office.propose(faulty["id"], "void")
    seen = await office.preview(remedy)
    assert seen["attempts"] == 0
    assert (await office.decide(remedy, seen["sha256"])).is_success
    right = examinee.answers({"items": others}, right=6)
    result = (await examinee.submit(attempt, right)).json()
    assert (result["score"], result["firstScore"]) == (66.66, 60.0)
    assert (await examinee.submit(attempt, right)).json() == result
    path = f"/v1/attempts/{attempt['id']}/corrections"
    (told,) = (await examinee.learner.get(path)).json()["items"]
    assert told["score"] == 66.66
    second = await office.propose(others[9 - 1]["id"], "full-marks")
    sha256 = (await office.preview(second))["sha256"]
    assert (await office.decide(second, sha256)).is_success
    told = (await examinee.learner.get(path)).json()["items"]
    assert [one["score"] for one in told] == [66.66, 77.77]
    assert (await recompute()).differing == []


NO_KEY = {"kind": "new-key"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        pytest.param(NO_KEY | {"key": ["A", "B"]}, "unfit-key", id="two right ones of a single"),
        pytest.param(NO_KEY | {"key": ["A", "A"]}, "unfit-key", id="one right one, twice"),
        pytest.param({"reason": "　 \t\n  "}, "invalid", id="a reason of blanks"),
        pytest.param({"reason": "题干有误\0"}, "no-text", id="a text that cannot be kept"),
    ],
)
async def test_nothing_is_proposed_that_nobody_could_be_marked_by(
    examinee: Examinee, office: Office, more: dict[str, Any], code: str
) -> None:
    attempt = await examinee.start()
    single = next(item for item in attempt["items"] if item["kind"] == "single")
    body = {"itemId": single["id"], "version": 1, "kind": "void", **REASON, **more}
    answer = await office.api.post("/v1/item-remedies", json=body, headers=office.reviewer.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_version_is_found_on_papers_older_than_those_with_the_next(
    examinee: Examinee, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "_PAGE", 1)
    attempt = await sit(examinee, right=5)
    item = attempt["items"][0]["id"]
    (row,) = await ExamAttempt.select().where(ExamAttempt.id == attempt["id"])
    newer = bytes(row["criterion"]).replace(b'"version":1', b'"version":2')
    assert newer != row["criterion"]
    for n in (2, 3):  # later papers, where the item was written anew
        later = {**row, "id": uuid7(), "number": n, "criterion": newer}
        await ExamAttempt.insert(ExamAttempt(**later))
    assert (await office.propose(item, "void"))["state"] == "proposed"


async def test_two_remedies_note_a_pass_that_would_be_none_once(
    examinee: Examinee, office: Office
) -> None:
    attempt = await sit(examinee, right=6)
    item, blank = attempt["items"][0], attempt["items"][9]["id"]
    wrong = next(o["text"] for o in item["options"] if o["text"] not in examinee.right[item["id"]])
    key = [await key_named(examinee, item["id"], wrong)]
    for remedy in (
        await office.propose(item["id"], "new-key", key=key),
        await office.propose(blank, "void"),
    ):
        seen = await office.preview(remedy)
        assert (await office.decide(remedy, seen["sha256"])).status_code == 200
    signals = await IntegritySignal.count().where(IntegritySignal.subject == attempt["id"])
    assert signals == 1


async def key_named(examinee: Examinee, item: str, text: str) -> str:
    """The bank's id of an option."""
    from backend.curriculum import service as curriculum
    from tests.courses.items.samples import options_of

    bank = (await curriculum.current_edition()).items
    found = next(one for one in bank if one.id == item)
    return next(option.id for option in options_of(found) if option.text == text)
