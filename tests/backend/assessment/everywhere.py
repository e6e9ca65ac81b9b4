"""Every address of the instance, asked by somebody: new routes are asked as they come."""

import re
from collections.abc import Mapping

import httpx
from litestar import Litestar

from backend.rights import Right, rights
from tests.backend.progress.learning import LESSON

KNOWN = {
    "/v1/lessons/{code}": LESSON,
    "/v1/modules/{code}": LESSON[:3],
    "/v1/programmes/{code}": "DEMO",
    "{programme}": "DEMO",
    "{programme_code}": "DEMO",
    "{lesson}": LESSON,
    "{language}": "zh",
}
"""Names of addresses that lead somewhere, some of them by what stands before."""
_OF_EXAMS = re.compile(r"attempts|practice|marking|remed|extra-time|exam-stat")
NOWHERE = "00000000-0000-0000-0000-000000000007"


async def ask_everywhere(
    api: httpx.AsyncClient, app: Litestar, headers: Mapping[str, str], known: Mapping[str, str]
) -> int:
    """All that can be read, and all of exams with a body that fits nothing. How many answered
    with something else than an error."""
    found = 0
    for right in rights(app):
        if right.method == "GET" or _OF_EXAMS.search(right.path):
            path, query = _filled(right.path, known), {"enrolmentId": known["{enrolment_id}"]}
            body = None if right.method == "GET" else {"sitting": "?", "answers": [None]}
            method = "POST" if right.method == "*" else right.method
            answer = await api.request(
                method, path, json=body, params=query if _listed(right) else None, headers=headers
            )
            assert answer.status_code < 500, (right, answer.text)
            found += answer.is_success
    return found


def _listed(right: Right) -> bool:
    return right.path == "/v1/attempts" and right.method == "GET"


def _filled(path: str, known: Mapping[str, str]) -> str:
    for start, name in KNOWN.items():
        if path.startswith(start):
            path = path.replace("{code}", name, 1)
    return re.sub(r"\{[^}]+\}", lambda m: {**KNOWN, **known}.get(m[0], NOWHERE), path)
