"""Invitations on their way: with the other messages, so that no import of staff delays them."""

from datetime import timedelta
from uuid import UUID

from pgqueuer import PgQueuer
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job

from backend.accounts.service import messages_of
from backend.organisations.members.sending import SEND_INVITATION, deliver
from infra.queue import WorkerContext, payload_of
from infra.vault import Vault

_TRIES = 8
_LONGEST_WAIT = timedelta(minutes=10)  # an invitation lives two weeks


def register(queue: PgQueuer, context: WorkerContext) -> None:
    vault = Vault.of(context.settings.keys)
    messages = messages_of(context.settings)

    @queue.entrypoint(
        SEND_INVITATION,
        accepts_context=False,
        executor_factory=lambda parameters: DatabaseRetryEntrypointExecutor(
            parameters, max_attempts=_TRIES, max_delay=_LONGEST_WAIT
        ),
    )
    async def send_invitation(job: Job) -> None:
        invitation_id = UUID(str(payload_of(job.payload)["invitation_id"]))
        await deliver(vault, messages, invitation_id, now=context.clock())
