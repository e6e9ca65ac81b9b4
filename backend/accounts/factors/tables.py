from piccolo.columns import (
    UUID,
    BigInt,
    Boolean,
    Bytea,
    ForeignKey,
    OnDelete,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from backend.accounts.tables import Person


class TotpFactor(Table):
    """An authenticator app. `pending` until its first code was typed in the session that asked.

    `last_step` is the time step (30 s since 1970) of the last code taken: none is taken twice.
    """

    id = UUID(primary_key=True, default=None, null=False)
    person = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    state = Varchar(length=9, default=None, null=False)
    secret_sealed = Bytea(default=None, null=False)
    session_id = UUID(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)
    confirmed_at = Timestamptz(default=None, null=True)
    last_step = BigInt(default=None, null=True)

    totp_factor_once = Unique([person, state])
    totp_factor_state = Check("state IN ('pending', 'confirmed')")
    totp_factor_is_whole = Check("(state = 'confirmed') = (confirmed_at IS NOT NULL)")


class RecoveryCode(Table):
    """Keyed hash of a code that stands in for the authenticator, once."""

    code_index = Bytea(primary_key=True, default=None, null=False)
    person = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    issued_at = Timestamptz(default=None, null=False)
    used_at = Timestamptz(default=None, null=True)


class Passkey(Table):
    """A WebAuthn credential. Its label may hold a name ("王小明的手机"), so it is sealed."""

    id = UUID(primary_key=True, default=None, null=False)
    person = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    credential_id = Bytea(default=None, null=False, unique=True)
    public_key = Bytea(default=None, null=False)
    sign_count = BigInt(default=None, null=False)
    backed_up = Boolean(default=None, null=False)
    label_sealed = Bytea(default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    last_used_at = Timestamptz(default=None, null=True)
    copied_at = Timestamptz(default=None, null=True)
    """When its counter went backwards: two devices answer for it, so none is believed."""

    passkey_sign_count = Check("sign_count BETWEEN 0 AND 4294967295")


class PasskeyChallenge(Table):
    """Asked once, answered once: the row goes with the first answer, right or wrong."""

    id = UUID(primary_key=True, default=None, null=False)
    challenge = Bytea(default=None, null=False)
    purpose = Varchar(length=12, default=None, null=False)
    session_id = UUID(default=None, null=True)
    expires_at = Timestamptz(default=None, null=False, index=True)

    passkey_challenge_purpose = Check("purpose IN ('registration', 'sign-in', 'step-up')")
    passkey_challenge_is_whole = Check("(purpose = 'sign-in') = (session_id IS NULL)")
