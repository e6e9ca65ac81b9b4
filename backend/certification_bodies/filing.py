"""What a certification body files: its rules and its public commitments."""

from enum import StrEnum

from infra.errors import Conflict, NotFound


class DocumentKind(StrEnum):
    RULE = "rule"
    COMMITMENT = "commitment"


class VersionTaken(Conflict):
    """A document of this kind and version is filed already; give the next version."""

    zh = "该类文件的这一版本已提交，请使用新的版本号。"


class NoSuchDocument(NotFound):
    """This certification body has filed no such document."""

    zh = "该认证机构没有提交过这份文件。"
