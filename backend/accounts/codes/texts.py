"""What a message says, Chinese first. Its length fits one or two short messages."""

from backend.accounts.codes.domain import Message, Purpose
from backend.accounts.messages import Text

_CODE = {
    Purpose.SIGN_UP: ("注册", "sign up"),
    Purpose.SIGN_IN: ("登录", "sign in"),
    Purpose.RECOVERY: ("重设密码或更改登录方式", "reset the password or change how you sign in"),
    Purpose.LINK: ("绑定到您的账号", "add this to your account"),
}
_INSTEAD = {
    Message.HAS_ACCOUNT: (
        "【贯标】有人用它注册或绑定，但它已有账号，请直接登录。若非本人操作，不必理会。",
        "Guanbiao: somebody tried to sign up with this or to add it, but it has an account already;"
        " sign in instead. If it was not you, do nothing.",
    ),
    Message.NO_ACCOUNT: (
        "【贯标】有人用它登录，但它还没有账号，请先注册。若非本人操作，不必理会。",
        "Guanbiao: somebody tried to sign in with this, but it has no account; sign up first. If it"
        " was not you, do nothing.",
    ),
    Message.LONG_UNUSED: (
        "【贯标】该号码的实名账号一年以上未使用，仅凭短信不能打开，请用密码或邮箱登录，或联系运营方。",
        "Guanbiao: the verified account of this number was unused for a year, and a code alone does"
        " not open it. Sign in by password or e-mail, or ask the operator.",
    ),
}
_NOTICES = {
    "recovered": (
        "密码已通过验证码重设，其他设备均已退出",
        "the password was reset by a code; all other devices are signed out",
    ),
    "password-changed": (
        "密码已更改，其他设备均已退出",
        "the password was changed; all other devices are signed out",
    ),
    "login-added": ("新增了一种登录方式", "a way to sign in was added"),
    "login-removed": ("移除了一种登录方式", "a way to sign in was removed"),
    "passkey-added": ("新增了一个通行密钥", "a passkey was added"),
    "password-removed": ("移除了密码", "the password was removed"),
    "login-released": (
        "有一个停用的登录方式已由运营方解除绑定",
        "a way to sign in that you no longer have was taken away by the operator",
    ),
}


def code_text(purpose: Purpose, message: Message, code: str) -> Text:
    if message is not Message.CODE:
        return Text(message, *_INSTEAD[message])
    zh, en = _CODE[purpose]
    return Text(
        f"code.{purpose}",
        f"【贯标】验证码 {code}，用于{zh}，10 分钟内有效。任何人索要都不要给。",
        f"Guanbiao: {code} is your code to {en}, for 10 minutes. Give it to nobody.",
        code,
    )


def notice_text(what: str) -> Text:
    """KeyError for a notice that is not there."""
    zh, en = _NOTICES[what]
    return Text(
        f"notice.{what}",
        f"【贯标】您的账号{zh}。若非本人操作，请立即找回账号或联系运营方。",
        f"Guanbiao: on your account {en}. If it was not you, recover it now or ask the operator.",
    )
