"""What can go wrong with a second factor. None tells more than the caller's own standing."""

from infra.errors import Conflict, Forbidden, Invalid, NotFound, TooManyRequests, Unauthenticated


class SecondFactorNotFresh(Forbidden):
    """Confirm that it is you: POST a code or a passkey to /v1/sessions/current/second-factor, then
    repeat this within ten minutes."""

    zh = "请先确认是您本人：再输入一次验证码或使用通行密钥，十分钟内重试此操作。"


class SignInNotFresh(Forbidden):
    """Sign in again, then do this within ten minutes: an old session must not change keys."""

    zh = "为确认是您本人，请重新登录，并在十分钟内进行此操作。"


class NoSecondFactor(Conflict):
    """No second factor is set up yet; set one up at /account."""

    zh = "您还没有设置二次验证，请先在“我的账号”中设置。"


class NothingToConfirm(Conflict):
    """Nothing waits to be confirmed; begin anew and type the code within fifteen minutes."""

    zh = "没有待确认的验证器，请重新开始，并在十五分钟内输入验证码。"


class CodeNotRight(Invalid):
    """This code is not right; type the one your authenticator shows now, or a recovery code."""

    zh = "验证码不正确，请输入验证器当前显示的 6 位数字，或一个恢复码。"


class CodeUsed(Invalid):
    """This code was used already; wait for the next one."""

    zh = "该验证码已使用过，请等待验证器显示下一个。"


class TooManyWrongCodes(TooManyRequests):
    """Too many wrong codes; wait the seconds named in Retry-After."""

    zh = "验证码错误次数过多，请按 Retry-After 所示秒数稍后再试。"

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.headers["Retry-After"] = str(seconds)


class DemonstrationFactorFixed(Conflict):
    """Demonstration accounts are shared, so their second factor stays as it is; sign up for your
    own account to try this."""

    zh = "演示账号由大家共用，二次验证不能更改；请注册自己的账号试用。"


class ChallengeNotKnown(Unauthenticated):
    """This passkey request is over or not yours; begin again."""

    zh = "通行密钥请求已过期或不属于您，请重新开始。"


class PasskeyNotAccepted(Unauthenticated):
    """This passkey was not accepted; try again, or sign in another way."""

    zh = "通行密钥未通过验证，请重试或使用其他方式登录。"


class PasskeyPerhapsCopied(Unauthenticated):
    """This passkey's counter went backwards, as a copied one's does; it is not accepted any more.
    Sign in another way, remove it and add a new one."""

    zh = "该通行密钥的计数出现倒退，可能已被复制，不再接受。请以其他方式登录，移除后重新添加。"


class PasskeyNotTaken(Invalid):
    """This device's answer is not a passkey we can take; try again or use another device."""

    zh = "无法登记该设备给出的通行密钥，请重试或更换设备。"


class PasskeyKnown(Conflict):
    """This passkey is registered already; use it, or choose another device."""

    zh = "该通行密钥已登记过，请直接使用，或更换设备。"


class TooManyPasskeys(Conflict):
    """An account takes twenty passkeys; remove one you do not use any more."""

    zh = "每个账号最多登记二十个通行密钥，请先移除不用的。"


class NoSuchPasskey(NotFound):
    """You have no such passkey; fetch the list again."""

    zh = "您没有这个通行密钥，请刷新列表。"


class LastWayIn(Conflict):
    """Without it nothing would open your account; add a login or another passkey first."""

    zh = "移除后将没有任何方式能登录您的账号，请先添加手机号、邮箱或另一个通行密钥。"


class NotYourself(Conflict):
    """An administrator cannot reset their own second factor here; use a recovery code, or ask
    another administrator."""

    zh = "管理员不能在此重置自己的二次验证；请使用恢复码，或请另一位管理员办理。"


class NoSuchSession(NotFound):
    """You have no such open session; fetch the list again."""

    zh = "您没有这个登录会话，或它已结束，请刷新列表。"
