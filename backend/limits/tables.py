from piccolo.columns import BigInt, Bytea, Integer, Timestamptz
from piccolo.table import Table


class RateLimitCount(Table):
    """What one key's window has given away. UNLOGGED: a crash forgets a minute's counts.

    The key is a keyed hash: an address or a person cannot be read from it.
    """

    key = Bytea(primary_key=True, default=None, null=False)
    window_number = BigInt(default=None, null=False)
    quota = Integer(default=None, null=False)
    taken = Integer(default=None, null=False)
    granted = Integer(default=None, null=False)
    """By the last lease alone."""
    ends_at = Timestamptz(default=None, null=False, index=True)
