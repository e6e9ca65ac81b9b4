"""Every route below a thing of a person or an organisation, called by a stranger who knows the
thing's real id and holds every role that does not see everybody's: not found, and no trace."""

import re
from typing import Any

import httpx
import pytest
from litestar import Litestar

from backend.accounts.domain import Role
from backend.rights import Right, rights
from infra.clock import ManualClock
from infra.settings import Settings
from infra.vault import Vault
from tests.applications import application
from tests.backend.asking import Asking
from tests.backend.identity.conftest import document, new_number
from tests.backend.organisations.making import make_organisation
from tests.backend.somebody import MARK, Somebody
from tests.people import AsPerson, SignedIn

WHOSE: dict[str, str] = {
    "organisations/{organisation_id}": "organisation.id",
    "assignments/{assignment_id}": "assignment.id",
    "departments/{department_id}": "department.id",
    "download-leases/{lease_id}": "download_lease.id",
    "expected-members/{expected_id}": "expected_member.id",
    "identity-declarations/{declaration_id}": "identity_declaration.id",
    "imports/{import_id}": "import_job.id",
    "invitations/{invitation_id}": "invitation.id",
    "join-requests/{request_id}": "join_request.id",
    "members/{member_id}": "membership.id",
    "attempts/{attempt_id}": "exam_attempt.id",
    "practice-papers/{practice_id}": "practice_paper.id",
    "learners/{learner_id}": "person.id",
    "hours/{entry_id}": "ledger_entry.id",
    "certification-bodies/{code}": "certification_body.code",
    "auditors/{auditor_id}": "auditor_employment.auditor",
    "class-sessions/{session_id}": "class_session.id",
    "seats/{seat_id}": "class_seat.id",
    "complaints/{complaint_id}": "complaint.id",
    "attachments/{sha256}": "complaint_attachment.sha256",
    "enrolments/{enrolment_id}": "enrolment.id",
    "identity-cases/{case_id}": "identity_case.id",
    "inspectors/{appointment_id}": "inspector_appointment.id",
    "integrity-signals/{signal_id}": "integrity_signal.id",
    "lectures/{lecture_id}": "lecture.id",
    "captions/{language}": "caption_track.language",
    "essays/{mark_id}": "essay_mark.id",
    "exports/{export_id}": "export.id",
    "federated-identities/{identity_id}": "federated_identity.id",
    "logins/{login_id}": "person_login.login_index",
    "notices/{notice_id}": "notice.id",
    "passkeys/{passkey_id}": "passkey.id",
    "people/{person_id}": "person.id",
    "prints/{batch_id}": "print_batch.id",
    "presence-checks/{check_id}": "presence_check.id",
    "record-cases/{code}": "completion_record.code",
    "records/{record_id}": "completion_record.id",
    "records/{number}": "spot_check_item.record_number",
    "revocations/{proposal_id}": "revocation_proposal.id",
    "keys/{key_id}": "certifier_key.id",
    "bulk-checks/{check_id}": "bulk_check.id",
    "share-links/{link_id}": "share_link.id",
    "sessions/{session_id}": "sign_in_session.id",
    "spot-checks/{check_id}": "spot_check.id",
    "uploads/{upload_id}": "upload.id",
}
"""The thing's name in a path -> table and column of somebody else's."""
NOBODYS: dict[str, str] = {
    "edition-drafts/{draft_id}": "of the national curriculum; editors see each other's",
    "edition-releases/{release_id}": "of the national curriculum; editors see each other's",
    "exam-statistics/{edition}": "of groups of learners; no person is in them",
    "item/{picture}": "of groups of learners; no person is in them",
    "pictures/{picture}": "of groups of learners; no person is in them",
    "images/{sha256}": "of the national question bank; whoever knows the hash was shown it",
    "items/{item_id}": "of the national question bank; reviewers see them all",
    "item-remedies/{remedy_id}": "of the national question bank; reviewers see each other's",
    "federation/{provider}": "a setting of this instance",
    "lessons/{code}": "of the national curriculum; the rest of the answer is the caller's own",
}
SEE_ALL = {"any", "any, logged", "all", "anyone's but their own"}
"""What a role sees by right, whosever it is; `backend.rights` says so on the page on rights."""


_GRADE = {"grade": "senior", "gradeSince": "2026-01-01"}
SAID: dict[str, dict[str, Any]] = {
    "AttestMembersIdentity": document(new_number()),
    "AddAuditor": {
        **_GRADE,
        "registrationNumber": "2021-N1IPMS-1234567",
        "name": "李四",
        "employedSince": "2026-01-01",
    },
    "GiveAuditorGrade": _GRADE,
}
"""Bodies whose rules the OpenAPI document cannot tell."""
TUS = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}


@pytest.fixture
def app(unit: None, settings: Settings, clock: ManualClock) -> Litestar:
    return application(settings, clock)


async def test_a_stranger_with_the_real_id_finds_nothing(
    api: httpx.AsyncClient, app: Litestar, clock: ManualClock, vault: Vault, as_person: AsPerson
) -> None:
    theirs = Somebody(vault, clock())
    stranger = await as_person(*(set(Role) - {Role.ADMINISTRATOR}))
    await make_organisation(stranger.id, now=clock())
    ask = Stranger(api, stranger, Asking(app, SAID), 404)
    for right in walked(app):
        if right.whose not in SEE_ALL:
            await ask(right, {name: await of(theirs, name) for name in things(right.path)})
    assert not ask.found, "\n".join(ask.found)


async def test_what_is_somebody_elses_is_not_found_below_what_is_the_strangers_own(
    api: httpx.AsyncClient, app: Litestar, clock: ManualClock, vault: Vault, as_person: AsPerson
) -> None:
    """/organisations/{mine}/assignments/{theirs}. 409: the outer one's own state is asked first."""
    theirs, stranger = (
        Somebody(vault, clock()),
        await as_person(*(set(Role) - {Role.ADMINISTRATOR})),
    )
    organisation = await make_organisation(stranger.id, now=clock())
    there = {"person": {"id": stranger.id}, "organisation": {"id": organisation}}
    own = Somebody(vault, clock(), "own", there)
    ask = Stranger(api, stranger, Asking(app, SAID), 404, 409)
    for outer in ("organisations/{organisation_id}", "class-sessions/{session_id}"):
        path = f"/v1/{outer.partition('/')[0]}/{await of(own, outer)}"
        assert (await api.get(path, headers=stranger.headers)).status_code == 200, path
    for right in walked(app):
        names = things(right.path)
        if right.whose not in SEE_ALL and len(names) > 1 and WHOSE[names[-1]].endswith(".id"):
            inner = {name: await of(theirs, name) for name in names[1:]}
            await ask(right, {names[0]: await of(own, names[0]), **inner})
    assert not ask.found, "\n".join(ask.found)


def test_of_each_thing_in_a_path_it_is_known_whose_it_is(app: Litestar) -> None:
    seen = {name for right in walked(app) for name in things(right.path)}
    assert seen == set(WHOSE), "say in WHOSE which row it is, or in NOBODYS why it is nobody's"


def walked(app: Litestar) -> list[Right]:
    return [right for right in rights(app) if right.guarded and things(right.path)]


def things(path: str) -> list[str]:
    return [name for name in re.findall(r"[\w-]+/\{\w+\}", path) if name not in NOBODYS]


async def of(somebody: Somebody, name: str) -> str:
    table, _, column = WHOSE[name].partition(".")
    return str((await somebody.row(table))[column])


class Stranger:
    """Asks, and remembers whatever was answered but `refusals`."""

    def __init__(
        self, api: httpx.AsyncClient, who: SignedIn, asking: Asking, *refusals: int
    ) -> None:
        self._api, self._who, self._asking, self._refusals = api, who, asking, refusals
        self.found: list[str] = []

    async def __call__(self, right: Right, ids: dict[str, str]) -> None:
        path = right.path
        for name, value in ids.items():
            path = path.replace(name, f"{name.partition('/')[0]}/{value}")
        asked = self._asking.of(right)
        asked["headers"] |= self._who.headers | TUS
        answer = await self._api.request(right.method, re.sub(r"\{\w+\}", "PM-1", path), **asked)
        if answer.status_code not in self._refusals or MARK in answer.text:
            self.found.append(f"{right.method} {right.path}: {answer.status_code} {answer.text}")
