"""Every table that has to do with people, what of them it holds, and how long: docs/privacy.md.

`python -m backend.privacy.inventory` prints the table for that page; a test compares it with the
tables there are, so that none is forgotten.
"""

import sys

from piccolo.columns import UUID, ForeignKey
from piccolo.conf.apps import Finder
from piccolo.table import Table

_PERSON = "person"
_PEOPLE = (
    *("person", "person_id", "learner_id", "author_id", "actor", "actor_id", "updated_by"),
    *("proposer_id", "approver_id", "assigned_by", "used_by", "claimant", "holder"),
)
_BY = ("_by",)
"""`declared_by`, `decided_by` ...: somebody acted in a role."""

WORK = "who acted, by random id"
FOR_GOOD = "for good, by random id"
ERASED = "until erasure"
KEPT = {
    "person": ("name (sealed), password hash, identity", "until erasure; then a blank row"),
    "person_login": ("e-mail address or mobile number (sealed)", ERASED),
    "person_role": ("roles", ERASED),
    "sign_in_session": ("when, how and on which device", "six months after its end"),
    "one_time_code": ("where a code was sent (sealed); a keyed hash of it", "a day"),
    "totp_factor": ("secret of an authenticator (sealed)", ERASED),
    "recovery_code": ("keyed hash", ERASED),
    "passkey": ("public key, label (sealed)", ERASED),
    "identity_declaration": ("name, document and number (sealed), number (keyed index)", ERASED),
    "identity_event": ("how an identity was verified", FOR_GOOD),
    "identity_case": ("two accounts that claimed one identity", FOR_GOOD),
    "identity_reveal": ("who saw name and number, and what for (sealed)", FOR_GOOD),
    "federated_identity": ("which provider opens the account; keyed hash", ERASED),
    "federated_attempt": ("a way to a provider that has begun", "a day"),
    "consent_event": ("consents given and withdrawn", FOR_GOOD),
    "person_access": ("who looked at the person's data, and why", "six months"),
    "list_access": ("who looked at an organisation's list of people", "six months"),
    "export": ("exports asked for; the file itself 7 days", "six months"),
    "erasure": ("the wish to be erased", FOR_GOOD),
    "enrolment": ("programmes", "until erasure; with class hours awarded: " + FOR_GOOD),
    "learner_seat": ("today's seconds", ERASED),
    "play_session": ("when a lecture was watched, and on which device", ERASED),
    "presence_check": ("questions whether somebody is there, and reaction times", ERASED),
    "download_lease": ("lectures taken along, on which device", ERASED),
    "offline_check": ("answers to questions whether somebody is there, offline", ERASED),
    "offline_time": ("when watching offline was counted", ERASED),
    "learning_plan": ("the day by which one wants to be through", ERASED),
    "lesson_watch": ("which seconds were watched", ERASED),
    "lesson_check": ("answers to check questions", FOR_GOOD + " (evidence)"),
    "ledger_entry": ("class hours awarded", FOR_GOOD + " (evidence)"),
    "edition_move": ("going on to a newer edition", FOR_GOOD + " (evidence)"),
    "carried_lesson": ("class hours that count there as well", FOR_GOOD + " (evidence)"),
    "exam_attempt": ("paper, score", "failed: until erasure; passed: 6 years after issue"),
    "attempt_answer": ("picks", ERASED),
    "paper_drawn": ("which items stood on a paper", ERASED),
    "attempt_sitting": ("on which device, by random id, an exam was sat", ERASED),
    "extra_time": ("more time in exams; why (sealed)", ERASED),
    "practice_paper": ("items practised on", ERASED),
    "practice_answer": ("picks in practice", ERASED),
    "essay": ("essays handed in to be marked", ERASED),
    "essay_mark": ("marks and comments of essays", ERASED),
    "item_remedy": (WORK, FOR_GOOD),
    "attempt_correction": ("a mark corrected for a faulty item", FOR_GOOD + " (evidence)"),
    "due_record": ("records earned and not made yet", "until erasure or issue"),
    "completion_record": ("the record; name (sealed)", "record for good; name 6 years if erased"),
    "share_link": ("fields of a record that its holder shows (sealed)", "30 days after its end"),
    "record_event": (WORK, FOR_GOOD),
    "revocation_proposal": ("notes for the second person (sealed); " + WORK, FOR_GOOD),
    "lecture": ("its author, by random id", "as long as the lecture"),
    "caption_track": (WORK, "as long as the lecture"),
    "lecture_assignment": (WORK, FOR_GOOD),
    "audit_entry": (WORK, FOR_GOOD),
    "auditor": ("name, CCAA number (sealed)", ERASED),
    "auditor_grade": (WORK, FOR_GOOD),
    "auditor_employment": (WORK, FOR_GOOD),
    "class_session": (WORK, FOR_GOOD),
    "class_instructor": ("who teaches", FOR_GOOD),
    "class_seat": ("seat; phone (keyed index)", "phone until erasure; seat " + FOR_GOOD),
    "class_scan": (WORK, FOR_GOOD),
    "attendance_entry": ("attendance in a class", FOR_GOOD + " (evidence)"),
    "body_document": (WORK, FOR_GOOD),
    "register_entry": (WORK, FOR_GOOD),
    "certifier_key": (WORK, FOR_GOOD),
    "certification_fact": (WORK, FOR_GOOD),
    "notice": ("what the person was told, and when it was read", "400 days"),
    "notice_delivery": ("which notices went by mail or short message", "400 days"),
    "notice_choice": ("where notices go besides the inbox", ERASED),
    "organisation": (WORK, FOR_GOOD),
    "assignment": (WORK, FOR_GOOD),
    "print_batch": ("key of a file of printed records (sealed); " + WORK, "a day"),
    "complaint": (
        "what somebody told, and how to reach them (both sealed)",
        "contact six months after the decision; the rest " + FOR_GOOD,
    ),
    "complaint_event": ("notes of those who decide (sealed); " + WORK, FOR_GOOD),
    "inspector_appointment": (WORK, FOR_GOOD),
    "edition_release": (WORK, FOR_GOOD),
    "integrity_signal": (WORK, FOR_GOOD),
    "spot_check": (WORK, FOR_GOOD),
    "spot_check_finding": ("notes of inspectors (sealed)", FOR_GOOD),
    "membership": ("name, staff number, contact as the organisation knows them (sealed)", ERASED),
    "expected_member": ("the same of somebody listed who has not come", "until taken off the list"),
    "invitation": ("contact of the invited (sealed)", "until it is used or has expired"),
    "join_request": ("who asked to join, name (sealed)", ERASED),
    "import_job": (WORK, FOR_GOOD),
    "import_row": ("a listed person's name and contact (sealed)", "until the import is done"),
}


def tables_of_people() -> dict[str, list[str]]:
    """Table -> its columns that name a person or hold sealed data of one."""
    found = {t._meta.tablename: list(_personal(t)) for t in Finder().get_table_classes()}
    return {name: columns for name, columns in sorted(found.items()) if columns}


def _personal(table: type[Table]) -> list[str]:
    return [
        column._meta.db_column_name
        for column in table._meta.columns
        if (
            isinstance(column, ForeignKey)
            and column._foreign_key_meta.resolved_references._meta.tablename == _PERSON
        )
        or (isinstance(column, UUID) and _names_a_person(column._meta.db_column_name))
        or column._meta.db_column_name.endswith("_sealed")
    ] or (["id"] if table._meta.tablename == _PERSON else [])


def _names_a_person(column: str) -> bool:
    return column in _PEOPLE or column.endswith(_BY)


def lines() -> list[str]:
    head = ["| Table | Columns | What | How long |", "|---|---|---|---|"]
    return head + [
        f"| `{table}` | {', '.join(columns)} | {KEPT[table][0]} | {KEPT[table][1]} |"
        for table, columns in tables_of_people().items()
    ]


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
