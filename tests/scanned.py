"""What a telephone reads off a picture: ZXing, which has nothing to do with our encoder."""

from io import BytesIO

import zxingcpp
from PIL import Image


def codes_in(picture: Image.Image | bytes) -> list[str]:
    """Texts of all QR codes in a picture, or in the file of one."""
    seen = picture if isinstance(picture, Image.Image) else Image.open(BytesIO(picture))
    wanted = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcodes(seen.convert("L"), formats=wanted)
    return [code.text for code in found]
