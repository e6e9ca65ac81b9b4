"""The QR code on paper, read by a program from a scan and from a poor photograph."""

from io import BytesIO

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageFilter

from backend.records.printing.domain import Sheet
from backend.records.printing.press import press
from tests.backend.records.printing.sheets import CODE, a_sheet
from tests.backend.records.verdict.world import ADDRESS
from tests.scanned import codes_in

PUBLIC = f"{ADDRESS}/v/{CODE}"
SHEETS = {
    "Chinese": a_sheet(),
    "English": a_sheet(language="en"),
    "a demonstration's": a_sheet(demonstration=True),
}


def scanned(pdf: bytes, dpi: int) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        seen: Image.Image = document[0].render(scale=dpi / 72).to_pil()
        return seen.convert("L")
    finally:
        document.close()


def photographed(pdf: bytes) -> Image.Image:
    """From an old telephone: a page of one megapixel, turned, seen aslant, out of focus, darker to
    one side, grainy, and compressed hard."""
    page = scanned(pdf, 110).rotate(
        9, expand=True, fillcolor=120, resample=Image.Resampling.BICUBIC
    )
    wide, high = page.size
    corners = (-40, 0, 20, high, wide, high + 60, wide - 90, -30)
    page = page.transform(page.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    page = page.filter(ImageFilter.GaussianBlur(1.6))
    light = np.linspace(0.95, 0.5, wide)[None, :]
    grain = np.random.default_rng(7).normal(0, 8, (high, wide))
    seen = Image.fromarray((np.asarray(page) * light + grain).clip(0, 255).astype("uint8"))
    kept = BytesIO()
    seen.save(kept, "JPEG", quality=30)
    return Image.open(kept)


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_the_code_on_paper_is_the_address_of_the_record_s_page(sheet: Sheet) -> None:
    pdf = press().set_now(sheet)
    assert codes_in(scanned(pdf, 150)) == [PUBLIC]
    assert codes_in(photographed(pdf)) == [PUBLIC]
