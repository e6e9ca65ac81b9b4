"""The job that works out a large organisation's dashboard. Safe to run twice."""

from uuid import UUID

from pgqueuer import PgQueuer
from pgqueuer.models import Job

from backend.organisations.assignments.service import WORK_OUT
from backend.organisations.assignments.working_out import work_out
from infra.queue import WorkerContext, payload_of


def register(queue: PgQueuer, context: WorkerContext) -> None:
    @queue.entrypoint(WORK_OUT, accepts_context=False)
    async def make_dashboard(job: Job) -> None:
        organisation_id = UUID(str(payload_of(job.payload)["organisation_id"]))
        await work_out(organisation_id, now=context.clock())
