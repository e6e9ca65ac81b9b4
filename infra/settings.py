"""Settings from the environment. A bad or missing value stops the start with one clear line."""

from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class BadSettings(SystemExit):
    """Raised at start: names each variable and what is wrong with it."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="GUANBIAO_", extra="ignore", frozen=True)

    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    """postgresql:// address of the application's role, which owns no table."""
    database_owner_url: str = Field(default="", validation_alias="DATABASE_OWNER_URL")
    """postgresql:// address of the role that owns the tables; only `migrate` needs it."""
    objects_url: str = Field(default="", validation_alias="OBJECTS_URL")
    """S3-compatible store: http(s)://ACCESS_KEY:SECRET@host:port/bucket?region=us-east-1"""
    objects_public_url: str = Field(default="", validation_alias="OBJECTS_PUBLIC_URL")
    """Address under which phones reach the store, when it differs: http(s)://host:port"""
    data_dir: Path = Path(".guanbiao")
    keys_dir: Path | None = None
    """Folder of signing keys; `<data_dir>/keys` when unset."""
    record_algorithm: Literal["ES256", "RS256"] = "ES256"
    """Of keys of records that are made from now on (docs/record-cycle.md)."""
    public_url: str = ""
    """Fixed at the first start (docs/record-cycle.md); later values are refused if they differ."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    listen_fd: int | None = Field(default=None, ge=3)
    """A listening socket handed down by the parent process, instead of host and port."""
    share_port: bool = False
    """Several API processes on this machine listen on the same port."""
    api_processes: int = Field(default=0, ge=0, le=32)
    """API processes that `up` starts; 0: one for each core, four at most."""
    workers: int = Field(default=0, ge=0, le=32)
    """Workers that `up` starts; 0: one for each core, four at most, as memory allows."""
    demo: bool = False
    """Demonstration people, programme DEMO and NullIdentityCheck. Never on a real instance."""
    messages_url: str = ""
    """Gateway for short messages and mail, http(s)://user:secret@host/path; docs/how-to-sign-in.md.
    Empty: none, and whatever needs a code is refused. "null" shows codes: demonstrations only."""
    mail_url: str = ""
    """SMTP server for mail, smtp://user:secret@host:587 (STARTTLS) or smtps://; then the gateway
    carries short messages alone. docs/how-to-run-an-instance.md."""
    mail_from: str = ""
    """Whom mail comes from, such as `training@example.org`."""
    mail_ca_file: str = ""
    """PEM file of the authority that vouches for the SMTP server; the system's when empty."""
    pool_size: int = Field(default=8, ge=1, le=200)
    work_concurrency: int = Field(default=2, ge=1, le=64)
    encode_memory_mb: int = Field(default=2048, ge=512, le=1 << 20)
    """What one encoding process may take; more pictures at once where there is more."""
    encode_threads: int = Field(default=0, ge=0, le=256)
    """Threads of one encoding process; 0: as many as this machine has cores."""
    part_cores: int = Field(default=1, ge=0, le=256)
    """Cores that a worker has to itself for its parts of long lectures; 0: all, shared."""
    chunk_seconds: int = Field(default=60, ge=12, le=3600)
    """Lectures longer than twice this are shared out to all workers in pieces of this length."""
    author_quota_gb: int = Field(default=200, ge=1, le=1_000_000)
    """What one author's unfinished and kept uploads may take together."""
    author_open_uploads: int = Field(default=20, ge=1, le=10_000)
    federation_file: Path | None = None
    """JSON file of identity providers (docs/how-to-federate.md); none when unset."""
    trusted_proxies: str = "127.0.0.1, ::1"
    """Addresses or networks of our own proxies, by commas: their X-Forwarded-For is believed."""
    limit_factor: int = Field(default=1, ge=1, le=10_000)
    """Multiplies every rate limit: for a campus behind one address, or an exam day."""
    transcriber: str = ""
    """Command that writes captions from speech (docs/how-to-captions.md); none when empty."""
    erasure_think_days: int = Field(default=14, ge=0, le=90)
    """Days between the wish to be erased and its execution, in which it may be taken back."""

    offline_lease_days: int = Field(default=14, ge=1, le=60)
    """How long a lecture that was taken along may be watched for hours (docs/offline-cycle.md)."""
    appeals_to: str = Field(default="", max_length=200)
    """Where the holder of a suspended or revoked record appeals: office, telephone, address."""
    complaint_contact_days: int = Field(default=183, ge=1, le=3660)
    """Days after its decision for which a complaint keeps how to reach who complained."""

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, text: str) -> str:
        for part in filter(None, map(str.strip, text.split(","))):
            ip_network(part)  # its ValueError says what is wrong with which part
        return text

    identity_validity: str = "2026-01-01=36"
    """From which day on identities hold how many months, such as 2026-01-01=36,2028-01-01=24."""

    @property
    def keys(self) -> Path:
        return self.keys_dir or self.data_dir / "keys"


@lru_cache
def get_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"{_variable(str(e['loc'][0]))}: {e['msg']}" for e in error.errors()]
        raise BadSettings("settings: " + "; ".join(lines)) from None


def _variable(field: str) -> str:
    """The name under which the reader has set it."""
    return field if field.isupper() else f"GUANBIAO_{field.upper()}"
