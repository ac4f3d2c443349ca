"""QR codes (二维码): in a terminal and on paper."""

from __future__ import annotations

import sys

import qrcode


def matrix(text: str, *, border: int = 2) -> list[list[bool]]:
    """The dark squares of the code that says ``text``, row by row."""
    code = qrcode.QRCode(border=border, error_correction=qrcode.constants.ERROR_CORRECT_L)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(square) for square in row] for row in code.get_matrix()]


def in_terminal(text: str) -> str:
    """The code as half blocks, light on dark as most terminals are."""
    dark = matrix(text)
    if len(dark) % 2:
        dark.append([False] * len(dark))
    marks = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
    rows = ["".join(marks[pair] for pair in zip(*dark[top : top + 2], strict=True)) for top in range(0, len(dark), 2)]
    if sys.stdout.isatty():
        # White on black whatever the colours of the terminal: a camera wants contrast.
        rows = [f"\x1b[97;40m{row}\x1b[0m" for row in rows]
    return "\n".join(f"  {row}" for row in rows) + "\n"


def outline(text: str) -> tuple[int, str]:
    """Side in squares, and the path of an SVG that fills the dark ones; every row as runs."""
    dark = matrix(text)
    runs = []
    for top, row in enumerate(dark):
        left = 0
        while left < len(row):
            width = next((n for n, square in enumerate(row[left:]) if not square), len(row) - left)
            if width:
                runs.append(f"M{left} {top}h{width}v1h-{width}z")
            left += max(width, 1)
    return len(dark), "".join(runs)
