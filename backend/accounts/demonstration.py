"""Who lives on a demonstration system. Their password and the secret of their second factor are
public, so they exist nowhere else."""

from datetime import datetime

import msgspec
import pyotp

from backend.accounts.domain import Role

PASSWORD = "guanbiao-demo"
TOTP_SECRET = "GUANBIAODEMOGUANBIAODEMOGUANBIAO"  # base32: any authenticator app takes it


class DemoAccount(msgspec.Struct, frozen=True, rename="camel"):
    login: str
    name: str
    english: str
    roles: tuple[Role, ...]
    password: str = PASSWORD


DEMO_ACCOUNTS = (
    DemoAccount("author@demo.guanbiao", "演示作者", "author", (Role.AUTHOR,)),
    DemoAccount("reviewer@demo.guanbiao", "演示审校", "reviewer", (Role.REVIEWER,)),
    DemoAccount("learner@demo.guanbiao", "演示学员", "learner", (Role.LEARNER,)),
    DemoAccount("manager@demo.guanbiao", "演示企业管理员", "organisation manager", (Role.LEARNER,)),
    DemoAccount("marker@demo.guanbiao", "演示阅卷员甲", "marker A", (Role.MARKER,)),
    DemoAccount("marker2@demo.guanbiao", "演示阅卷员乙", "marker B", (Role.MARKER,)),
    DemoAccount("certifier@demo.guanbiao", "演示认证人员", "certifier", (Role.CERTIFIER,)),
    DemoAccount("admin@demo.guanbiao", "演示管理员甲", "administrator A", (Role.ADMINISTRATOR,)),
    DemoAccount("admin2@demo.guanbiao", "演示管理员乙", "administrator B", (Role.ADMINISTRATOR,)),
)


def demonstration_code(now: datetime) -> str:
    return pyotp.TOTP(TOTP_SECRET).at(now)
