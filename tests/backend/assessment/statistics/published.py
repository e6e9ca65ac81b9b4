"""Figures that were printed before us.

LSAT section 6, five items, 1,000 people: Bock & Lieberman, Psychometrika 35 (1970), 179-197. The
figures for it: D. Rizopoulos, ltm: An R Package for Latent Variable Modeling and Item Response
Theory Analyses, Journal of Statistical Software 17 (2006), issue 5.
"""

import numpy as np
from numpy.typing import NDArray

_LSAT6 = {
    **{"00000": 3, "00001": 6, "00010": 2, "00011": 11, "00100": 1, "00101": 1, "00110": 3},
    **{"00111": 4, "01000": 1, "01001": 8, "01011": 16, "01101": 3, "01110": 2, "01111": 15},
    **{"10000": 10, "10001": 29, "10010": 14, "10011": 81, "10100": 3, "10101": 28, "10110": 15},
    **{"10111": 80, "11000": 16, "11001": 56, "11010": 21, "11011": 173, "11100": 11},
    **{"11101": 61, "11110": 28, "11111": 298},
}

ITEM_TOTALS = (924, 709, 553, 763, 870)
ALPHA = 0.2950
ALPHA_WITHOUT = (0.2754, 0.2376, 0.2168, 0.2459, 0.2663)
POINT_BISERIALS = (0.1128, 0.1531, 0.1727, 0.1444, 0.1215)
"""With the rest of the test."""

TWO_PARAMETER_DIFFICULTY = (-3.3597, -1.3696, -0.2799, -1.8659, -3.1236)
TWO_PARAMETER_SLOPE = (0.8254, 0.7229, 0.8905, 0.6886, 0.6575)
TWO_PARAMETER_LIKELIHOOD = -2466.653
ONE_PARAMETER_DIFFICULTY = (-3.6153, -1.3224, -0.3176, -1.7301, -2.7802)
ONE_PARAMETER_SLOPE = 0.7551
ONE_PARAMETER_LIKELIHOOD = -2466.938


def lsat6() -> NDArray[np.int8]:
    """1,000 × 5, 1 right and 0 wrong."""
    return np.array([[*map(int, p)] for p, n in _LSAT6.items() for _ in range(n)], np.int8)
