from piccolo.columns import Timestamptz, Varchar
from piccolo.table import Table


class InstanceFact(Table):
    """What is fixed for the life of an installation, one row a fact."""

    name = Varchar(length=64, primary_key=True, default=None, null=False)
    value = Varchar(length=2048, default=None, null=False)
    set_at = Timestamptz(default=None, null=False)
