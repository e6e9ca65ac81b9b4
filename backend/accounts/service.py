"""What other areas and our own routes may ask of people, sign-in and sessions."""

from backend.accounts.desk import Desk, Visit
from backend.accounts.messages import Messages, Text, carrier, messages_of
from backend.accounts.people import (
    add_person,
    clear_identity,
    ensure_demo_people,
    grant_role,
    holder_of,
    holders_of,
    identity_of,
    names_of,
    people_in,
    person_by_login,
    set_identity,
    withdraw_role,
)
from backend.accounts.proven import addresses_of, proven_logins
from backend.accounts.recovery import recover
from backend.accounts.releasing import release_login
from backend.accounts.sessions import (
    SignedIn,
    open_session,
    refresh,
    session_ended,
    sign_out,
)
from backend.accounts.signing_in import sign_in, sign_in_by_code, sign_up

__all__ = [
    "Desk",
    "Messages",
    "SignedIn",
    "Text",
    "Visit",
    "add_person",
    "addresses_of",
    "carrier",
    "clear_identity",
    "ensure_demo_people",
    "grant_role",
    "holder_of",
    "holders_of",
    "identity_of",
    "messages_of",
    "names_of",
    "open_session",
    "people_in",
    "person_by_login",
    "proven_logins",
    "recover",
    "refresh",
    "release_login",
    "session_ended",
    "set_identity",
    "sign_in",
    "sign_in_by_code",
    "sign_out",
    "sign_up",
    "withdraw_role",
]
