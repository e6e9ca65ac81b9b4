"""Rules of an import of staff: its states, its bounds, and what may be wrong with a row. Pure."""

from enum import StrEnum

import msgspec

from infra.errors import Conflict, Invalid, NotFound, TooLarge

MOST_BYTES = 20 << 20
MOST_ROWS = 200_000
MOST_FAULTS = 20_000
"""Kept for the report; more are counted and left out."""
WORST_SHARE = 0.2
"""With more bad rows than this the file is not what its sender thinks: its columns are wrong."""
MOST_ATTEMPTS = 3


class JobState(StrEnum):
    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"
    REFUSED = "refused"
    CANCELLED = "cancelled"


OPEN = (JobState.UPLOADED, JobState.CHECKING, JobState.CHECKED, JobState.APPLYING)
CANCELLABLE = (JobState.UPLOADED, JobState.CHECKING, JobState.CHECKED)


class Format(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


class Field(StrEnum):
    NAME = "name"
    LOGIN = "login"
    DEPARTMENT = "department"
    DUTY = "duty"
    STAFF_NUMBER = "staffNumber"


HEADINGS: dict[Field, tuple[str, str]] = {
    Field.NAME: ("姓名", "Name"),
    Field.LOGIN: ("手机号或邮箱", "Mobile or e-mail"),
    Field.DEPARTMENT: ("部门", "Department"),
    Field.DUTY: ("职责", "Duty"),
    Field.STAFF_NUMBER: ("工号", "Staff number"),
}
NEEDED = (Field.NAME, Field.LOGIN)

DUTIES: dict[str, tuple[str, str]] = {
    "top-management": ("最高管理者", "Top management"),
    "ip-manager": ("知识产权管理人员", "IP manager"),
    "internal-auditor": ("内审员", "Internal auditor"),
    "technical-expert": ("技术专家", "Technical expert"),
    "consultant": ("咨询人员", "Consultant"),
    "other": ("其他", "Other"),
}

WRONG: dict[str, tuple[str, str]] = {
    "name-missing": ("姓名未填", "the name is missing"),
    "name-not-valid": ("姓名含不允许的字符或过长", "the name has characters it cannot have"),
    "login-missing": ("手机号或邮箱未填", "the mobile number or e-mail address is missing"),
    "login-not-valid": (
        "应为 11 位大陆手机号或电子邮箱",
        "neither a mainland mobile number of 11 digits nor an e-mail address",
    ),
    "department-not-valid": (
        "部门名称不可用：1 至 64 个字符，不以 = + - @ 开头",
        "no name for a department: 1 to 64 characters, not beginning with = + - @",
    ),
    "department-too-deep": ("部门层级超过六级", "departments nest six deep at most"),
    "duty-not-known": ("职责不在下拉列表中", "the duty is not one of the list"),
    "staff-number-not-valid": (
        "工号应为不超过 32 位的字母、数字或短横线",
        "a staff number has at most 32 letters, digits and hyphens",
    ),
    "twice-in-the-file": ("与前面某行是同一手机号或邮箱", "an earlier row has the same login"),
    "listed-already": ("该人员已在名单中，未改动", "listed already; left as it is"),
}
"""Code of a fault -> what is wrong, in Chinese and English."""
KNOWN_ALREADY = "listed-already"

REFUSED: dict[str, tuple[str, str]] = {
    "not-a-workbook": ("文件不是有效的 xlsx", "the file is no xlsx workbook"),
    "not-readable-text": (
        "CSV 应为 UTF-8 或 GB18030 编码",
        "the CSV is neither UTF-8 nor GB18030, or is no CSV",
    ),
    "packed-too-tight": (
        "压缩包展开后过大，已拒绝打开",
        "unpacked it would be far too large; it was not opened",
    ),
    "macros-or-links": (
        "请删除宏、外部链接与嵌入对象后再上传",
        "it has macros, external links or embedded objects; remove them",
    ),
    "too-wide-or-long": (
        "行列超出范围：最多 200000 行、26 列",
        "more than 200,000 rows or 26 columns",
    ),
    "headings-missing": (
        "第一行缺少“姓名”或“手机号或邮箱”列，请使用模板",
        "the first row lacks the headings of the template",
    ),
    "too-many-departments": ("部门总数将超过 5000", "there would be more than 5,000 departments"),
    "no-rows": ("文件中没有人员", "there is nobody in the file"),
    "given-up": ("多次处理未完成，请联系平台运维", "three attempts did not get through"),
}


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with row `number`; the headings are row 1."""

    number: int
    field: Field
    code: str
    shown: str | None = None
    """The cell's text, where it is neither a name nor contact data."""


class FileRefused(Invalid):
    """This file cannot be read; use the template."""

    zh = "无法读取该文件，请使用模板。"

    def __init__(self, because: str, *, line: int | None = None) -> None:
        """`line`: where in the file, counted from 1, where that is known."""
        zh, en = REFUSED[because]
        super().__init__(f"{en[0].upper()}{en[1:]}.", zh=f"{zh}。", fields={"file": because})
        self.because, self.line = because, line


class FileTooLarge(TooLarge):
    """The file is larger than 20 MB; split it."""

    zh = "文件超过 20 MB，请拆分后再上传。"


class ImportNotFound(NotFound):
    """No such import in an organisation you manage."""

    zh = "您管理的组织中没有该导入任务。"


class ImportRunning(Conflict):
    """An import of this organisation is under way; apply or cancel it first."""

    zh = "该组织已有导入任务在进行，请先确认或取消。"


class NotChecked(Conflict):
    """This import is not waiting for your word; fetch it again."""

    zh = "该导入当前不能确认，请刷新查看状态。"


class TooManyBadRows(Conflict):
    """More than a fifth of the rows are bad; correct the file and upload it anew."""

    zh = "错误行超过五分之一，请修正文件后重新上传。"


class NothingToApply(Conflict):
    """No row of this file can be taken."""

    zh = "文件中没有可导入的行。"


class CannotCancel(Conflict):
    """This import is being applied or has ended; it cannot be cancelled any more."""

    zh = "该导入正在写入或已结束，不能再取消。"


def refuse_if_hopeless(*, good: int, bad: int) -> None:
    if bad > WORST_SHARE * (good + bad):
        raise TooManyBadRows
    if good == 0:
        raise NothingToApply
