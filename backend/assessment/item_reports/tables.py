from piccolo.columns import UUID, Bytea, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class ExamStatistics(Table):
    """Figures of an exam in an edition, as at when they were worked out; replaced by the next.
    Of groups only: nobody can be told from them."""

    id = UUID(primary_key=True, default=None, null=False)
    exam_code = Varchar(length=16, default=None, null=False)
    edition = Varchar(length=16, default=None, null=False)
    people = Integer(default=None, null=False)
    """Whose first attempts there were, also where only the newest were read."""
    figures = Bytea(default=None, null=False)
    """MessagePack, as figures that cannot be had are NaN; without the items."""
    worked_out_at = Timestamptz(default=None, null=False)

    exam_statistics_one_each = Unique([exam_code, edition])
    exam_statistics_of_many = Check("people >= 20")


class ItemStatisticsRow(Table, tablename="item_statistics"):
    """Of an item, or of a question of a case, in the figures of an exam."""

    id = UUID(primary_key=True, default=None, null=False)
    statistics = ForeignKey(ExamStatistics, default=None, null=False, on_delete=OnDelete.restrict)
    place = Integer(default=None, null=False)
    """Those to look at first, first."""
    code = Varchar(length=100, default=None, null=False)
    figures = Bytea(default=None, null=False)
    wording = Bytea(default=None, null=False)
    """What was asked, as JSON."""

    item_statistics_one_an_item = Unique([statistics, code])
