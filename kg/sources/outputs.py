"""Files that kg itself writes, told by name and first bytes: found beside papers, they are no papers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_HEAD_SIZE: Final = 4096
_VIEW: Final = r"(?:-[\w-]+)?"
_OUTPUTS: Final = tuple(
    (re.compile(name), re.compile(head))
    for name, head in (
        (r"README\.md", rb"# Exports\n\nGenerated; do not edit\."),
        (
            r".+\.html",
            rb'<!DOCTYPE html>\s*<html lang="en">\s*<head>\s*<meta charset="utf-8">\s*'
            rb'<meta http-equiv="Content-Security-Policy" '
            rb"content=\"default-src 'none'; (?:script|style)-src ",
        ),
        (r"(?:graph|facts|void)\.ttl|graph\.trig", rb"@prefix "),
        (r"graph\.(?:nq|nt)", rb"<[^>\s]+> <"),
        (r"part-\d{5,}\.nq\.gz", rb"\x1f\x8b"),
        (rf"graph{_VIEW}\.graphml", rb"<\?xml[^>]*>\s*<graphml\b"),
        (rf"graph{_VIEW}\.gexf", rb"<\?xml[^>]*>\s*<gexf\b"),
        (r"(?:graph|annotations)\.jsonld|croissant\.json", rb'\{\s*"@context": \{'),
        (r"edges\.csv", rb"id,source,source_name,relation,target,target_name,"),
        (r"entities\.csv", rb"slug,name,type,kind,papers,aliases\b"),
        (r"papers\.csv", rb"id,title,published,num_authors,organizations,comments,upvotes,code\b"),
        (r"unresolved\.tsv", rb"name\ttype\tslug\twhy\tcandidates\t"),
        (r"extractions\.jsonl", rb'\{"id": "[^"]*", "title": "(?:[^"\\]|\\.)*", "entities": \['),
        (r"evidence\.parquet", rb"PAR1"),
    )
)
"""The names that exports are written under, and how each begins."""


def is_output(path: Path) -> bool:
    r"""Return whether `path` is an export of a graph or a page that kg wrote.

    Both its name and how it begins must be those that kg gives; a list of papers that somebody calls
    `papers.csv` is none.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = Path(folder) / "README.md"
    ...     _ = page.write_text("# Exports\n\nGenerated; do not edit. They carry titles.\n")
    ...     before = is_output(page)
    ...     _ = page.write_text("# Notes on papers\n")
    ...     (before, is_output(page))
    (True, False)
    """
    heads = [head for name, head in _OUTPUTS if name.fullmatch(path.name)]
    if not heads:
        return False
    try:
        with path.open("rb") as file:
            first = file.read(_HEAD_SIZE)
    except OSError:
        return False
    return any(head.match(first) for head in heads)
