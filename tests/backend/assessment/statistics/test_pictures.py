"""Each picture is drawn once in each language; whether it pleases is for people to see."""

import io
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image, ImageStat

from backend.assessment.statistics.bank_pictures import bank_picture, drift_picture, marks_picture
from backend.assessment.statistics.distribution import distribution
from backend.assessment.statistics.drift import drift
from backend.assessment.statistics.item_analysis import item_statistics
from backend.assessment.statistics.item_pictures import (
    curve_picture,
    option_picture,
    option_shares,
)
from backend.assessment.statistics.item_response import ItemParameters
from backend.assessment.statistics.pictures import Language, Picture
from backend.assessment.statistics.reliability import reliability
from backend.assessment.statistics.responses import Responses
from tests.backend.assessment.statistics.simulated import answered, drawn

SVG = "{http://www.w3.org/2000/svg}"
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def papers() -> Responses:
    return answered(60, drawn(60, 500, 30, 15), 30)


def all_pictures(papers: Responses, language: Language) -> dict[str, Picture]:
    error = reliability(papers).dependable_error
    curve = ItemParameters(slope=1.1, difficulty=0.4, slope_error=0.1, difficulty_error=0.1)
    return {
        "marks": marks_picture(distribution(papers, 0.6, error), 0.6, error, language),
        "bank": bank_picture(item_statistics(papers), language),
        "options": option_picture(papers, 0, language),
        "curve": curve_picture("Q0", curve, language),
        "drift": drift_picture(drift(papers, papers), language),
    }


@pytest.mark.filterwarnings("error:Glyph .* missing")
def test_every_picture_can_be_drawn_and_is_told_in_words(papers: Responses) -> None:
    for name, picture in all_pictures(papers, "zh").items():
        assert CHINESE.search(picture.alternative), name
        root = ElementTree.fromstring(picture.svg())
        assert root.get("role") == "img"
        assert root.findtext(f"{SVG}title") == picture.alternative
        # Words are outlines: no reader's machine needs the font.
        assert not root.findall(f".//{SVG}text")


def test_english_pictures_have_no_chinese_word(papers: Responses) -> None:
    for name, picture in all_pictures(papers, "en").items():
        words = [text.get_text() for text in picture.figure.findobj(Text)]
        assert not any(map(CHINESE.search, [*words, picture.alternative])), name


def test_a_png_has_the_picture_s_size_and_something_on_it(papers: Responses) -> None:
    image = Image.open(io.BytesIO(option_picture(papers, 0).png()))
    assert image.size == (780, 555)
    assert ImageStat.Stat(image.convert("L")).stddev[0] > 10


def test_option_shares_are_those_of_each_fifth_and_the_key_rises(papers: Responses) -> None:
    for place, item in enumerate(papers.items[:5]):
        shares = option_shares(papers, place)
        assert shares.sum(axis=0) == pytest.approx(1)
        key = item.options.index(min(item.key))
        assert shares[key, -1] > shares[key, 0]


def test_what_has_no_figures_is_drawn_empty() -> None:
    few = answered(61, np.zeros((3, 1), np.int32), 2)
    assert np.isnan(option_shares(few, 1)).all()
    assert bank_picture(item_statistics(few)).alternative.startswith("0 题正常")
    assert b"<svg" in drift_picture(drift(few, few)).svg()


def test_figures_are_worked_out_without_loading_the_drawing_library() -> None:
    """It takes a second, which no server start should pay."""
    module = "backend.assessment.statistics.bank_pictures"
    code = f"import sys, {module}; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
