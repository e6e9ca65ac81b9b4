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
    roles: tuple[Role, ...]
    password: str = PASSWORD


DEMO_ACCOUNTS = (
    DemoAccount("author@demo.guanbiao", "演示作者", (Role.AUTHOR,)),
    DemoAccount("reviewer@demo.guanbiao", "演示审校", (Role.REVIEWER,)),
    DemoAccount("learner@demo.guanbiao", "演示学员", (Role.LEARNER,)),
    DemoAccount("manager@demo.guanbiao", "演示企业管理员", (Role.LEARNER,)),
    DemoAccount("certifier@demo.guanbiao", "演示认证人员", (Role.CERTIFIER,)),
    DemoAccount("admin@demo.guanbiao", "演示管理员甲", (Role.ADMINISTRATOR,)),
    DemoAccount("admin2@demo.guanbiao", "演示管理员乙", (Role.ADMINISTRATOR,)),
)


def demonstration_code(now: datetime) -> str:
    return pyotp.TOTP(TOTP_SECRET).at(now)
