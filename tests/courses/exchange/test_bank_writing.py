from pathlib import Path

import msgspec

from courses.exchange.bank_writing import bank_text
from courses.items.rich_text import Formula, Listing, Paragraph, Run, Table
from tests.courses.exchange.banks import read_bank
from tests.courses.items.samples import EVERY, an_item


def test_items_of_every_kind_come_back_from_the_file_that_is_written_of_them(
    tmp_path: Path,
) -> None:
    items = [an_item(asked, f"M02-90{at}") for at, asked in enumerate(EVERY.values())]
    assert read_bank(tmp_path, bank_text(items, {"module": "M02", "topic": "诚信"})) == items


def test_tables_formulas_and_quotation_marks_come_back(tmp_path: Path) -> None:
    stem = (
        Paragraph(content=(Run(text='“引号” " \\ \n\x7f\t', strong=True),)),
        Listing(entries=((Run(text="一"),), (Formula(latex="\\frac{1}{2}", alt="二分之一"),))),
        Table(rows=(((Run(text="甲"),), ()),)),
    )
    item = msgspec.structs.replace(an_item(EVERY["single"]), stem=stem, author="李四", version=3)
    item = msgspec.structs.replace(item, twin_group="监督间隔", anchor=True)
    assert read_bank(tmp_path, bank_text([item], {})) == [item]
