"""Cells of tables that are opened in spreadsheets: never a formula, and back again."""

from __future__ import annotations

from typing import Final

_FORMULA: Final = tuple("=+-@\t\r")


def safe_cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula.

    >>> safe_cell("=HYPERLINK(1)"), safe_cell("GRPO"), safe_cell(-1)
    ("'=HYPERLINK(1)", 'GRPO', -1)
    """
    return "'" + value if isinstance(value, str) and value[:1] in _FORMULA and value else value


def plain_cell(cell: str) -> str:
    """Return what `safe_cell` was given, its inverse.

    >>> plain_cell("'=HYPERLINK(1)"), plain_cell("'tis"), plain_cell("+Net")
    ('=HYPERLINK(1)', "'tis", '+Net')
    """
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA and len(cell) > 1 else cell
