"""Messages to people: sent from the queue, tried again where the gateway does not take them."""

from datetime import timedelta
from uuid import UUID

from pgqueuer import PgQueuer
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job

from backend.accounts.codes.service import (
    SEND_CODE,
    SEND_NOTICE,
    deliver_code,
    deliver_notice,
    deliver_sealed_notice,
)
from backend.accounts.messages import messages_of
from infra.queue import WorkerContext, payload_of
from infra.vault import Vault

_TRIES = 4
_LONGEST_WAIT = timedelta(seconds=30)  # a code lives ten minutes


def register(queue: PgQueuer, context: WorkerContext) -> None:
    vault = Vault.of(context.settings.keys)
    messages = messages_of(context.settings)

    def executor(parameters):  # type: ignore[no-untyped-def]
        return DatabaseRetryEntrypointExecutor(
            parameters, max_attempts=_TRIES, max_delay=_LONGEST_WAIT
        )

    @queue.entrypoint(SEND_CODE, accepts_context=False, executor_factory=executor)
    async def send_code(job: Job) -> None:
        code_id = UUID(str(payload_of(job.payload)["code_id"]))
        await deliver_code(vault, messages, code_id, now=context.clock())

    @queue.entrypoint(SEND_NOTICE, accepts_context=False, executor_factory=executor)
    async def send_notice(job: Job) -> None:
        said = payload_of(job.payload)
        what = str(said["notice"])
        if "sealed" in said:
            sealed = bytes.fromhex(str(said["sealed"]))
            await deliver_sealed_notice(vault, messages, sealed, what)
        else:
            await deliver_notice(vault, messages, bytes.fromhex(str(said["login"])), what)
