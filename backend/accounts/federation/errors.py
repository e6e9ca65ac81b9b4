"""What may go wrong on the way to a provider and back. Each `code` is shown by the pages."""

from infra.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated, Unavailable


class ProviderNotKnown(NotFound):
    """There is no identity provider of this name here; GET /v1/federation/providers lists them."""

    zh = "本系统没有这个身份提供方，请查看 /v1/federation/providers。"


class ReturnToNotHere(Invalid):
    """`returnTo` must be a path on this site, such as /learn."""

    zh = "returnTo 必须是本站的路径，例如 /learn。"


class AttemptNotKnown(Unauthenticated):
    """This way back is over, was used before, or began in another browser; begin again here."""

    zh = "此次登录已失效、已使用过，或始于另一浏览器，请在此重新开始。"


class ProviderRefused(Forbidden):
    """The identity provider did not sign you in; try again, or ask those who run it."""

    zh = "身份提供方未完成登录，请重试，或联系其管理部门。"


class ProviderUnreachable(Unavailable):
    """The identity provider does not answer as it should; try again later, or sign in otherwise."""

    zh = "身份提供方未正常响应，请稍后重试，或改用其他方式登录。"


class ProofNotValid(Unauthenticated):
    """The identity provider's answer does not prove who you are here; begin again."""

    zh = "身份提供方的答复不能在此证明您的身份，请重新开始。"


class AccountClosed(Forbidden):
    """The account that this identity opens is not in use any more."""

    zh = "该身份对应的账号已停用。"


class IdentityLinkedElsewhere(Conflict):
    """This identity opens another account; remove it there first."""

    zh = "该身份已绑定到另一账号，请先在那里解除绑定。"


class NoSuchIdentity(NotFound):
    """You have no such linked identity; fetch the list again."""

    zh = "您没有绑定这个身份，请刷新列表。"


class LastWayIn(Conflict):
    """Without it nothing would open your account; add a login or a passkey first."""

    zh = "移除后将没有任何方式能登录您的账号，请先添加手机号、邮箱或通行密钥。"
