from piccolo.columns import (
    UUID,
    Boolean,
    Bytea,
    ForeignKey,
    OnDelete,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Person(Table):
    """Name and contact data are sealed by `infra.vault`; nothing here reads as a person."""

    id = UUID(primary_key=True, default=None, null=False)
    name_sealed = Bytea(default=None, null=False)
    password_hash = Varchar(length=255, default=None, null=True)
    """None: signs in by code, passkey or an organisation's identity provider alone."""
    demonstration = Boolean(default=None, null=False)
    identity_method = Varchar(length=16, default=None, null=True)
    identity_verified_at = Timestamptz(default=None, null=True)
    identity_valid_until = Timestamptz(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)
    erased_at = Timestamptz(default=None, null=True)

    person_identity_is_whole = Check("(identity_method IS NULL) = (identity_verified_at IS NULL)")


class PersonLogin(Table):
    """What a person types to sign in: found by a keyed index, readable only through the vault.

    The index, not the person, is the key: mobile numbers are recycled (DOMAIN.md §5).
    """

    login_index = Bytea(primary_key=True, default=None, null=False)
    person = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=8, default=None, null=False)
    sealed = Bytea(default=None, null=False)
    proved_at = Timestamptz(default=None, null=True)
    """When a code sent there came back; None where an operator or a demonstration put it in."""

    person_login_kind = Check("kind IN ('email', 'phone')")


class PersonRole(Table):
    id = UUID(primary_key=True, default=None, null=False)
    person = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict)
    role = Varchar(length=24, default=None, null=False)
    granted_at = Timestamptz(default=None, null=False)

    person_role_once = Unique([person, role])
    person_role_is_known = Check(
        "role IN ('learner', 'author', 'reviewer', 'organisation-manager', 'marker', 'certifier',"
        " 'inspector', 'administrator')"
    )


class SignInSession(Table):
    """One sign-in on one device: a family of refresh tokens.

    `device` is what its owner will know it by ("Chrome · Android"), never the whole User-Agent.
    """

    id = UUID(primary_key=True, default=None, null=False)
    person = ForeignKey(Person, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    started_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    revoked_at = Timestamptz(default=None, null=True, index=True)
    revoked_because = Varchar(length=16, default=None, null=True)
    method = Varchar(length=16, default="password", null=False)
    second_factor_at = Timestamptz(default=None, null=True)
    last_used_at = Timestamptz(default=None, null=True)
    device = Varchar(length=80, default=None, null=True)

    sign_in_session_revocation_is_whole = Check("(revoked_at IS NULL) = (revoked_because IS NULL)")
    sign_in_session_ended_because = Check(
        "revoked_because IN ('sign-out', 'reuse', 'role', 'elsewhere', 'recovery', 'erasure')"
    )
    sign_in_session_method = Check("method IN ('password', 'code', 'passkey', 'oidc')")


class RefreshToken(Table):
    """SHA-256 of each token of a session; `used_at` is when it was exchanged for its successor."""

    token_sha256 = Bytea(primary_key=True, default=None, null=False)
    session = ForeignKey(
        SignInSession, default=None, null=False, on_delete=OnDelete.restrict, index=True
    )
    issued_at = Timestamptz(default=None, null=False)
    used_at = Timestamptz(default=None, null=True)


class SignInFailure(Table):
    """Failed sign-ins in a row for one login, known or not."""

    login_index = Bytea(primary_key=True, default=None, null=False)
    in_a_row = SmallInt(default=None, null=False)
    last_at = Timestamptz(default=None, null=False)


class OneTimeCode(Table):
    """A code that was sent, or a message in its place; the answer to the asker is the same.

    The code itself is nowhere: `code_hash` is a keyed hash, of the code or of plain chance.
    """

    id = UUID(primary_key=True, default=None, null=False)
    login_index = Bytea(default=None, null=False)
    to_sealed = Bytea(default=None, null=False)
    purpose = Varchar(length=8, default=None, null=False)
    message = Varchar(length=16, default=None, null=False)
    asked_by = ForeignKey(Person, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    """Whose account the login shall be linked to."""
    code_hash = Bytea(default=None, null=False)
    created_at = Timestamptz(default=None, null=False, index=True)
    expires_at = Timestamptz(default=None, null=False)
    tries = SmallInt(default=None, null=False)
    used_at = Timestamptz(default=None, null=True)

    one_time_code_purpose = Check("purpose IN ('sign-up', 'sign-in', 'recovery', 'link')")
    one_time_code_message = Check("message IN ('code', 'has-account', 'no-account', 'long-unused')")
    one_time_code_linker = Check("(purpose = 'link') = (asked_by IS NOT NULL)")
    one_time_code_tries = Check("tries BETWEEN 0 AND 5")


class CodeCount(Table):
    """How many codes went to one login, from one network, or to one login from one network."""

    key = Bytea(primary_key=True, default=None, null=False)
    since = Timestamptz(default=None, null=False)
    sent = SmallInt(default=None, null=False)
    last_at = Timestamptz(default=None, null=True)
    proved_at = Timestamptz(default=None, null=True)
    """When a code last came back right, for a login from one network."""
