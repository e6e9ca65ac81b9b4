"""The uploaded file on its way to the worker: a list of people, so it is sealed as they are."""

from base64 import b64decode, b64encode
from uuid import UUID

from infra.vault import Vault


def object_name(job_id: UUID) -> str:
    return f"imports/{job_id}"


def sealed(vault: Vault, job_id: UUID, content: bytes) -> bytes:
    return vault.seal(b64encode(content).decode(), object_name(job_id))


def opened(vault: Vault, job_id: UUID, content: bytes) -> bytes:
    return b64decode(vault.open(content, object_name(job_id)))
