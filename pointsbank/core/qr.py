"""QR codes as inline SVG: black on white, one path, sharp at any print size."""

from __future__ import annotations

import qrcode
from markupsafe import Markup
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_ALPHA_NUM, QRData


def modules(text: str) -> list[list[bool]]:
    """The dark modules of the QR code of ``text`` with its quiet zone of 4."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4)
    upper = text.upper()
    try:
        # Addresses of codes are case-insensitive here: alphanumeric mode gives fewer, larger modules for old phones.
        code.add_data(QRData(upper, mode=MODE_ALPHA_NUM) if text == upper else text)
    except ValueError:
        code.add_data(text)
    code.make(fit=True)
    return code.get_matrix()


def svg(text: str, label: str) -> Markup:
    """An inline ``<svg role="img">`` of the QR code; ``label`` is what a screen reader says."""
    matrix = modules(text)
    size = len(matrix)
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    return Markup(
        '<svg class="pb-qr-svg" viewBox="0 0 {size} {size}" role="img" aria-label="{label}" '
        'shape-rendering="crispEdges">'
        '<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}" fill="#000"/></svg>'
    ).format(size=size, label=label, path=path)
