"""Cells of tables: in spreadsheets never a formula, and back again; in TSV on one line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
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


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a table as CSV that a spreadsheet may open.

    >>> list(csv_lines(["a", "b"], [["=1+1", None], [True, 0.5]]))
    ['a,b\\n', "'=1+1,\\n", 'true,0.5\\n']
    """
    for row in chain([columns], rows):
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow([safe_cell(_word(cell)) for cell in row])
        yield line.getvalue()


def tsv_lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a table as TSV.

    >>> list(tsv_lines(["a", "b"], [["x y", None], [False, 2]]))
    ['a\\tb\\n', 'x y\\t\\n', 'false\\t2\\n']
    """
    for row in chain([columns], rows):
        yield "\t".join(tsv_cell(_word(cell)) for cell in row) + "\n"


def _word(cell: object) -> object:
    return str(cell).lower() if isinstance(cell, bool) else cell


def tsv_cell(value: object) -> str:
    r"""Return a cell of TSV: tabs, line breaks and backslashes escaped, nothing for None.

    >>> tsv_cell("a\tb"), tsv_cell(None), tsv_cell(3)
    ('a\\tb', '', '3')
    """
    text = "" if value is None else str(value)
    for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return text
