"""Rules of organisations and of belonging to one. Time and rows are passed in."""

import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from infra.errors import Conflict, Invalid, NotFound


class Kind(StrEnum):
    ENTERPRISE = "enterprise"
    UNIVERSITY = "university"
    RESEARCH_ORGANISATION = "research-organisation"
    CERTIFICATION_BODY = "certification-body"
    CONSULTANCY = "consultancy"
    AUTHORITY = "authority"


class State(StrEnum):
    DECLARED = "declared"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Position(StrEnum):
    MEMBER = "member"
    MANAGER = "manager"


class Duty(StrEnum):
    """What somebody does in the management system; programmes are assigned by it."""

    TOP_MANAGEMENT = "top-management"
    IP_MANAGER = "ip-manager"
    INTERNAL_AUDITOR = "internal-auditor"
    TECHNICAL_EXPERT = "technical-expert"
    CONSULTANT = "consultant"
    OTHER = "other"


class JoinedBy(StrEnum):
    DECLARATION = "declaration"
    INVITATION = "invitation"
    CODE = "code"
    IMPORT = "import"


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """What other areas may know of one."""

    id: UUID
    code: str
    name: str
    kind: Kind
    reporting_unit: str
    state: State
    demonstration: bool = False


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """A person's present place in an organisation."""

    id: UUID
    organisation: Organisation
    department_id: UUID | None
    position: Position
    duty: Duty | None
    joined_at: datetime


# --- organisations ----------------------------------------------------------------------------

OPEN_DECLARATIONS = 5
"""Of one person, waiting for an administrator."""


class OrganisationNotFound(NotFound):
    """No such organisation, or it is not yours to manage."""

    zh = "没有该组织，或您不是其管理员。"


class AlreadyConfirmed(Conflict):
    """This organisation is here already: ask its managers for an invitation or the join code."""

    zh = "该组织已入驻，请向其管理员索取邀请或加入码。"


class AlreadyDeclared(Conflict):
    """You have declared this organisation already; an administrator is going to look at it."""

    zh = "您已登记过该组织，请等待管理员确认。"


class TooManyDeclarations(Conflict):
    """Several of your declarations wait for an administrator; wait for the answer to them."""

    zh = "您已有多个组织待确认，请等待处理后再登记。"


class NotDeclared(Conflict):
    """This declaration was decided already; fetch it again."""

    zh = "该登记已经处理过，请刷新查看。"


class Refused(Conflict):
    """The declaration of this organisation was refused; declare it anew with what was missing."""

    zh = "该组织的登记未获确认，请补正后重新登记。"


class FixedOnceConfirmed(Conflict):
    """Name and reporting unit were confirmed by an administrator; ask one to change them."""

    zh = "名称与报送单位已经管理员确认，如需变更请联系平台管理员。"


def refuse_unless_active(state: State) -> None:
    if state is State.REFUSED:
        raise Refused


# --- departments ------------------------------------------------------------------------------

DEEPEST = 6
MOST_DEPARTMENTS = 5_000
DEPARTMENT_NAME = 64
_FORMULA = ("=", "+", "-", "@")


class DepartmentNotFound(Invalid):
    """No such department in this organisation."""

    zh = "该组织中没有此部门。"


class DepartmentNameNotValid(Invalid):
    """A department's name has 1 to 64 characters, no slash, and does not begin with = + - @."""

    zh = "部门名称为 1 至 64 个字符，不含斜杠，且不以 = + - @ 开头。"


class DepartmentNameTaken(Conflict):
    """There is a department of that name at this place; choose another name."""

    zh = "同级已有同名部门，请换一个名称。"


class DepartmentTooDeep(Invalid):
    """Departments nest six deep at most; put it higher up."""

    zh = "部门层级最多六级，请放在更高一级。"


class TooManyDepartments(Conflict):
    """An organisation has at most 5,000 departments; close some first."""

    zh = "每个组织最多 5000 个部门，请先撤销部分部门。"


class DepartmentInUse(Conflict):
    """People or departments are below this one; move them first."""

    zh = "该部门下还有人员或下级部门，请先调整。"


def department_name(text: str) -> str:
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if (
        not 1 <= len(name) <= DEPARTMENT_NAME
        or name.startswith(_FORMULA)
        or "/" in name
        or not is_plain(name)
    ):
        raise DepartmentNameNotValid
    return name


def department_path(text: str) -> tuple[str, ...]:
    """ "研发部/知识产权组" -> its names from the top. DepartmentNameNotValid, DepartmentTooDeep."""
    folded = unicodedata.normalize("NFKC", text).replace("\\", "/").strip().strip("/")
    names = tuple(department_name(part) for part in folded.split("/"))
    if len(names) > DEEPEST:
        raise DepartmentTooDeep
    return names


def is_plain(text: str) -> bool:
    """No control, unassigned, private or direction-changing character, no lone surrogate."""
    return all(unicodedata.category(c)[0] != "C" for c in text)


# --- people -----------------------------------------------------------------------------------

INVITATION_LASTS = timedelta(days=14)
OPEN_INVITATIONS = 1_000
JOIN_CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRTUWXY"
JOIN_CODE_LENGTH = 10


class LastManager(Conflict):
    """An organisation keeps at least one manager; name a successor first."""

    zh = "组织至少保留一名管理员，请先指定继任者。"


class HasManager(Conflict):
    """This organisation has a manager, who names others; nobody else appoints one."""

    zh = "该组织已有管理员，应由其管理员指定，平台不能另行任命。"


class AlreadyMember(Conflict):
    """This person belongs to the organisation already."""

    zh = "该人员已是组织成员。"


class MemberNotFound(NotFound):
    """No such member in an organisation you manage."""

    zh = "您管理的组织中没有该成员。"


class InvitationNotFound(NotFound):
    """This invitation does not exist, was used, withdrawn or has run out, or is not for you."""

    zh = "邀请不存在、已使用、已撤回、已过期，或不是发给您的。"


class ManagerByLinkAlone(Invalid):
    """Name the e-mail address or number of a manager to be: a link alone may go astray."""

    zh = "邀请管理员须写明其邮箱或手机号，不能只用链接。"


class TooManyInvitations(Conflict):
    """Too many invitations are open; withdraw some, or import the staff from a file."""

    zh = "未使用的邀请过多，请先撤回部分，或使用批量导入。"


class JoinCodeNotRight(NotFound):
    """No organisation lets people in by this code; ask its managers for the present one."""

    zh = "没有使用该加入码的组织，请向管理员索取最新的加入码。"


class JoinRequestNotFound(NotFound):
    """No such open request to join an organisation you manage."""

    zh = "您管理的组织中没有该待处理的加入申请。"


def typed_join_code(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).upper().split()).replace("-", "")


def refuse_last_manager(position: Position, managers: int) -> None:
    """For one who is about to stop being what `position` says."""
    if position is Position.MANAGER and managers <= 1:
        raise LastManager


def masked_contact(contact: str) -> str:
    """138****5678; a****@example.org."""
    name, at, host = contact.partition("@")
    if at:
        return f"{name[:1]}****@{host}"
    return f"{contact[:3]}****{contact[-4:]}"
