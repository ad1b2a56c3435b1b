"""A report with charts: what is used, tested on, built on, new, and which numbers are reported."""

from __future__ import annotations

from pathlib import Path

from kg.graph import KnowledgeGraph
from kg.lookup import Lookup
from kg.report.charts import render
from kg.report.page import as_html, as_markdown
from kg.report.sections import report_sections
from kg.writers.files import write_whole

__all__ = ["write_report"]


def write_report(
    graph: KnowledgeGraph,
    out: Path,
    *,
    since: str | None = None,
    root: str | None = None,
    form: str = "html",
    figures: bool = False,
) -> tuple[Path, ...]:
    """Write a report on a graph: titles, names and numbers, no sentence of an abstract.

    Args:
        graph: The graph.
        out: The folder to write `report.html` or `report.md` and `figures/` into.
        since: From when on something is new; without it, when half of the papers were there, at most a
            year back.
        root: The node id of an entity whose lineage is drawn; without it, that with the most descendants.
        form: `html` (one file, charts inside) or `md` (charts beside it).
        figures: Whether each chart is written as SVG and PNG too; with `md` they are in any case.

    Returns:
        The files written, the report first. The same graph gives the same bytes.
    """
    look = Lookup(graph)
    sections = report_sections(look, since=since, root=root)
    drawn = {section.id: section.draw() for section in sections if section.draw is not None}
    svg = {name: render(figure, "svg") for name, figure in drawn.items()}
    files: list[Path] = []
    if figures or form == "md":
        for name, figure in drawn.items():
            for kind, data in (("svg", svg[name]), ("png", render(figure, "png"))):
                path = out / "figures" / f"{name}.{kind}"
                write_whole(path, data)
                files.append(path)
    report = out / f"report.{form}"
    text = as_markdown(graph, sections) if form == "md" else as_html(graph, sections, svg)
    write_whole(report, text.encode("utf-8", "replace"))
    return (report, *files)
