"""`make soak [MINUTES=10]`: a deadline day on one machine; every acknowledged second is looked for.

Exit code 0: all were there, none twice, and no answer came that must not. 1: else.
"""

import argparse
import asyncio
import os
import resource
import sys
from collections import Counter
from datetime import timedelta

import msgspec
import uvloop

os.environ.setdefault("PICCOLO_CONF", "backend.piccolo_conf")

from infra.clock import system_clock
from tests.soak.day import Outcome, Plan, spend

_LONGEST_MINUTES = 45  # a lecture's end


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--viewers", type=int, default=Plan().viewers)
    given = parser.parse_args()
    if not 0.25 <= given.minutes <= _LONGEST_MINUTES:
        parser.error(f"--minutes: 0.25 to {_LONGEST_MINUTES}")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65_536), most))
    share = given.viewers / Plan().viewers
    plan = Plan(
        viewers=given.viewers,
        seconds=timedelta(minutes=given.minutes).total_seconds(),
        syncs_per_second=Plan().syncs_per_second * share,
        homes_per_second=Plan().homes_per_second * share,
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(spend(plan, _say))
    _report(outcome)
    return 0 if outcome.clean else 1


def _last_said(line: str) -> str:
    """Of an error's log line: where, or else what was said, and the end of its traceback."""
    said = msgspec.json.decode(line)
    last = [part.strip() for part in said.get("exception", "").splitlines() if part.strip()][-6:]
    return " | ".join([str(said.get("route") or said.get("event")), *last])[-900:]


def _say(line: str) -> None:
    print(f"{system_clock():%H:%M:%S} {line}", flush=True)


def _report(outcome: Outcome) -> None:
    found, tally = outcome.evidence, outcome.tally
    _say("answered: " + ", ".join(f"{count:,} {kind}" for kind, count in tally.answered.items()))
    for what, count in sorted(tally.again.items()):
        _say(f"asked again: {count:,} {what}")
    for what, count in tally.faults.most_common(20):
        _say(f"FAULT {count:,} {what}")
    for what, count in Counter(map(_last_said, outcome.errors)).most_common(10):
        _say(f"logged {count:,} times: {what}")
    _say(
        f"{found.acknowledged:,} seconds acknowledged, {found.stored:,} stored: {found.lost} lost,"
        f" {found.twice} twice, {found.unasked} never played, {found.miscounted} lectures"
        f" miscounted, {found.owed} still owed"
    )
    _say("every acknowledged second is there, none twice" if outcome.clean else "NOT CLEAN")


if __name__ == "__main__":
    sys.exit(main())
