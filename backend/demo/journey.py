"""The whole way through the house, over HTTP: lecture, watching, quiz, record, verdict."""

import secrets
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from backend.demo import upload, verification
from backend.demo.answers import Answers
from backend.demo.client import Person, Refused
from backend.demo.pace import Pace, wait_for
from backend.demo.steps import Bar, Steps

PASSWORD = "guanbiao-demo"
AUTHOR = "author@demo.guanbiao"
PROGRAMME, LESSON = "DEMO", "M02-L01"
_TRANSCODE_SECONDS = 900
_RECORD_SECONDS = 60


class Outcome(msgspec.Struct, rename="camel"):
    """The journey's last line."""

    lecture: dict[str, Any]
    hours: float
    """Class hours (学时) of 45 minutes."""
    record: dict[str, Any]
    verdict: str
    seconds: dict[str, float]


class Journey:
    def __init__(self, http: httpx.Client, pace: Pace, steps: Steps, answers: Answers) -> None:
        self._http, self._pace, self._steps, self._answers = http, pace, steps, answers

    def run(self, video: Path) -> Outcome:
        author = self._sign_in(Person(self._http), AUTHOR, "author", "作者登录 author signs in")
        lecture = self.publish(author, video)
        learner = self._new_learner()
        enrolment = self._enrol(learner)
        self._watch(learner, enrolment)
        self._answer_checks(learner, enrolment)
        self._take_exam(learner, enrolment)
        record = self._await_record(learner)
        verdict = self._verify(record)
        earned = learner.get(f"/v1/enrolments/{enrolment['id']}")["hours"]["earnedSeconds"]
        return Outcome(
            lecture={key: lecture[key] for key in ("id", "title", "durationSeconds", "renditions")},
            hours=round(earned / 2700, 2),
            record={"number": record["number"], "url": record["url"]},
            verdict=verdict,
            seconds=self._steps.seconds,
        )

    def publish(self, author: Person, video: Path) -> dict[str, Any]:
        """Upload, wait until playable, and make it the demonstration lesson's lecture."""
        with self._steps.step("upload", f"上传 upload {video.name}") as bar:
            lecture_id = upload.send(str(self._http.base_url), author, video, bar)
        with self._steps.step("transcode", "转码 becoming playable") as bar:
            lecture = self._await_playable(author, lecture_id, bar)
        with self._steps.step("attach", "挂到演示小节 into the demonstration lesson"):
            body = {"lectureId": lecture_id, "demonstration": True}
            author.put(f"/v1/lessons/{LESSON}/lecture", **body)
        return lecture

    def _sign_in(self, person: Person, login: str, name: str, said: str) -> Person:
        with self._steps.step(f"signIn{name.title()}", said):
            return person.sign_in(login, PASSWORD)

    def _await_playable(self, author: Person, lecture_id: str, bar: Bar) -> dict[str, Any]:
        def ask() -> dict[str, Any]:
            lecture: dict[str, Any] = author.get(f"/v1/lectures/{lecture_id}")
            bar.at(lecture["percent"])
            return lecture

        lecture = wait_for(
            ask,
            lambda found: found["state"] in {"playable", "failed"},
            what="lecture",
            seconds=_TRANSCODE_SECONDS,
        )
        if lecture["state"] == "failed":
            failure = lecture["failure"]
            message = f"{failure['message']['zh']} {failure['message']['en']}"
            raise Refused(422, failure["code"], message)
        return lecture

    def _new_learner(self) -> Person:
        """A fresh person each time: a record is issued once, so a second run needs another."""
        login = f"learner-{secrets.token_hex(5)}@demo.guanbiao"
        password = secrets.token_urlsafe(12)
        with self._steps.step("signInLearner", "学员注册、登录、实名 learner signs up and in"):
            learner = Person(self._http).sign_up("王小明", login, password)
            learner.sign_in(login, password)
            learner.post("/v1/me/identity-verification", name="王小明")
        return learner

    def _enrol(self, learner: Person) -> dict[str, Any]:
        with self._steps.step("enrol", "报名演示方案 enrols in DEMO"):
            enrolment: dict[str, Any] = learner.post("/v1/enrolments", programme=PROGRAMME)
        return enrolment

    def _watch(self, learner: Person, enrolment: dict[str, Any]) -> None:
        with self._steps.step("watch", "观看 watches, with heartbeats") as bar:
            session = learner.post("/v1/play-sessions", enrolmentId=enrolment["id"], lesson=LESSON)
            learner.raw("GET", session["playlistUrl"])  # what does not play does not count
            length = int(session["durationSeconds"])
            second = int(session["resumeSecond"])
            while second < length:
                until = min(length, second + int(session["heartbeatSeconds"]))
                self._pace.spend((until - second) / float(session["maxRate"]))
                self._beat(learner, session["id"], second, until)
                second = until
                bar.at(100 * second / length)
        self._pace.catch_up()

    def _beat(self, learner: Person, session_id: str, second: int, until: int) -> None:
        """One honest heartbeat; what the wall clock does not cover yet, or a presence check
        interrupted, is sent again."""
        event = {"playSessionId": session_id, "fromSecond": second, "toSecond": until}
        verdict = self._send_heartbeat(learner, event)
        if verdict["verdict"] == "capped":
            self._pace.spend(1)
        if verdict["verdict"] in {"capped", "challenge-due"}:
            verdict = self._send_heartbeat(learner, event)
        if verdict["verdict"] not in {"credited", "duplicate"}:
            raise Refused(409, f"heartbeat-{verdict['verdict']}", str(verdict.get("reason")))

    def _send_heartbeat(self, learner: Person, event: dict[str, Any]) -> dict[str, Any]:
        answer = learner.post("/v1/heartbeats", events=[{"id": str(uuid4()), **event}])
        if answer["presenceCheck"]:
            self._be_there(learner, f"/v1/presence-checks/{answer['presenceCheck']}")
        verdict: dict[str, Any] = answer["verdicts"][0]
        return verdict

    def _be_there(self, learner: Person, path: str) -> None:
        check = learner.get(path)
        option = self._answers.for_presence(check)
        if learner.post(f"{path}/answer", option=option)["state"] != "passed":
            raise Refused(409, "presence-check-missed", "the presence check was answered wrong")

    def _answer_checks(self, learner: Person, enrolment: dict[str, Any]) -> None:
        with self._steps.step("check", "答检查题 answers the check questions"):
            answers = self._answers.for_lesson(LESSON)
            checked = learner.post(
                f"/v1/lessons/{LESSON}/check", enrolmentId=enrolment["id"], answers=answers
            )
        if not checked["passed"]:
            raise Refused(409, "check-failed", "the check questions were not all right")

    def _take_exam(self, learner: Person, enrolment: dict[str, Any]) -> None:
        with self._steps.step("quiz", "考试 takes the exam"):
            attempt = learner.post("/v1/attempts", enrolmentId=enrolment["id"])
            answers = self._answers.for_paper(attempt["items"])
            result = learner.post(
                f"/v1/attempts/{attempt['id']}/submission",
                sitting=attempt["sitting"],
                answers=_numbered(attempt, answers),
            )
        if not result["passed"]:
            raise Refused(409, "exam-failed", f"{result['score']} points")

    def _await_record(self, learner: Person) -> dict[str, Any]:
        def issued() -> dict[str, Any] | None:
            found = learner.get("/v1/records")["items"]
            return next((item for item in found if item["state"] == "issued"), None)

        with self._steps.step("record", "签发证明 the record is issued"):
            record = wait_for(issued, bool, what="record", seconds=_RECORD_SECONDS)
        assert record is not None
        return record

    def _verify(self, record: dict[str, Any]) -> str:
        with self._steps.step("verify", "核验 page, API and offline bundle"):
            nobody = Person(self._http)
            verdicts = {
                "page": verification.by_page(nobody, record["code"]),
                "api": verification.by_api(nobody, record["code"]),
            }
            with tempfile.TemporaryDirectory(prefix="guanbiao-bundle-") as folder:
                verdicts["bundle"] = verification.by_bundle(nobody, record["code"], Path(folder))
        if len(set(verdicts.values())) > 1:
            self._steps.say(f"the three ways to check disagree: {verdicts}")
            return "disagreement"
        return verdicts["api"]


def _numbered(attempt: dict[str, Any], answers: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """In the order of the paper, each with a sequence of its own."""
    return [
        {
            "position": place,
            "sequence": attempt["nextSequence"] + place,
            "answer": answers[item["id"]],
        }
        for place, item in enumerate(attempt["items"], 1)
    ]
