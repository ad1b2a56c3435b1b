"""Charts: figures of matplotlib that come out in the same bytes each time.

Colours are those of `kg.layout`, distinct for colour-blind eyes; numbers stand beside their marks, so that no
chart needs its axis read.
"""

from __future__ import annotations

import io
import logging
import math
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Literal

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from kg.layout import COLOURS, colour
from kg.lineage import Lineage

INK: Final = "#1d2229"
SOFT: Final = "#59616d"
LINE: Final = "#dcdfe4"
_BEHIND: Final = {"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85}
_WIDTH: Final = 8.6
"""Width of a figure in inches."""
_LONGEST: Final = 26
_SETTINGS: Final[dict[str, Any]] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": SOFT,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "svg.fonttype": "path",
    "svg.hashsalt": "abstractkg",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


def render(figure: Figure, form: Literal["svg", "png"]) -> bytes:
    """Return a figure as a file: SVG, or PNG at 200 dots an inch; no date, no program's name in it."""
    buffer = io.BytesIO()
    empty = ("Date", "Creator", "Format", "Type") if form == "svg" else ("Software",)
    with _settled():
        figure.savefig(buffer, format=form, dpi=200, metadata=dict.fromkeys(empty))
    data = buffer.getvalue()
    return re.sub(rb"\s*<metadata>.*?</metadata>", b"", data, flags=re.S) if form == "svg" else data


def many_bars(
    title: str, series: Mapping[str, Sequence[int]], bins: Sequence[str], node_class: str
) -> Figure:
    """Return one row of bars for each name over the same bins; the first row is all papers.

    Args:
        title: The question, and in a second line what was counted.
        series: Name to one count a bin, in the order of the rows.
        bins: The names of the bins.
        node_class: Whose colour the bars have.
    """
    with _settled():
        count = len(series)
        figure, top = _figure(title, 0.52 * count + 0.5)
        for i, (name, values) in enumerate(series.items()):
            height = (top - 0.42 / figure.get_figheight()) / count
            axes = figure.add_axes((0.26, top - (i + 1) * height, 0.66, height * 0.8))
            ink = COLOURS["Paper"] if i == 0 else colour(node_class)
            axes.bar(range(len(bins)), values, color=ink, width=0.86)
            most = max(values)
            axes.set_ylim(0, most * 1.35 if most else 1)
            axes.set_xlim(-0.6, len(bins) - 0.4)
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
            peak = list(values).index(most)
            if most:
                axes.text(peak, most * 1.04, f"{most:,}", ha="center", va="bottom", fontsize=7.5, color=SOFT)
            y = top - (i + 0.6) * height
            figure.text(0.245, y, cut(name), ha="right", va="center", fontweight="bold" if i == 0 else None)
            figure.text(0.935, y, f"{sum(values):,}", ha="left", va="center", color=SOFT)
            _ticks(axes, bins, shown=i == count - 1)
        figure.text(0.935, top + 0.005, "papers", ha="left", va="bottom", color=SOFT, fontsize=8)
        return figure


def bars(
    title: str, names: Sequence[str], values: Sequence[int], more: Sequence[int], words: tuple[str, str]
) -> Figure:
    """Return bars from the left, each in two parts, with their numbers.

    Args:
        title: The question, and in a second line what was counted.
        names: One name a bar, the longest bar first.
        values: The first parts.
        more: The second parts.
        words: What the parts are.
    """
    with _settled():
        figure, top = _figure(title, 0.29 * len(names) + 0.75)
        axes = _axes(figure, top - 0.3 / figure.get_figheight(), 0.12)
        rows = range(len(names))
        axes.barh(rows, values, color=COLOURS["Model"], height=0.72, label=words[0])
        axes.barh(rows, more, left=list(values), color="#f0c9ae", height=0.72, label=words[1])
        longest = max(a + b for a, b in zip(values, more, strict=True)) or 1
        for row, (a, b) in enumerate(zip(values, more, strict=True)):
            axes.text(a + b + longest * 0.012, row, f"{a:,} + {b:,}", va="center", color=SOFT, fontsize=8.5)
        axes.set_yticks(list(rows), [cut(name) for name in names])
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(0, longest * 1.14)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        handles, labels = axes.get_legend_handles_labels()
        where = (0.26, top + 0.02 / figure.get_figheight())
        figure.legend(
            handles, labels, loc="upper left", bbox_to_anchor=where, ncols=2, frameon=False, fontsize=8.5,
            borderaxespad=0, borderpad=0,
        )  # fmt: skip
        return figure


def heat_map(
    title: str, rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]
) -> Figure:
    """Return a table of coloured cells with their numbers; nothing where there is none.

    Args:
        title: The question, and in a second line what was counted.
        rows: Names of the rows.
        columns: Names of the columns.
        counts: One list a row.
    """
    with _settled():
        slant = 0.15 + 0.052 * max(len(cut(name, 20)) for name in columns)
        figure, top = _figure(title, 0.34 * len(rows) + slant + 0.12)
        high = figure.get_figheight()
        axes = figure.add_axes((0.26, 0.12 / high, 0.66, top - (slant + 0.12) / high))
        most = max(max(row) for row in counts) or 1
        axes.imshow(counts, cmap="Blues", vmin=0, vmax=most * 1.25, aspect="auto")
        for i, row in enumerate(counts):
            for j, value in enumerate(row):
                if value:
                    ink = "white" if value > most * 0.72 else INK
                    axes.text(j, i, f"{value:,}", ha="center", va="center", color=ink, fontsize=8.5)
        axes.set_yticks(range(len(rows)), [cut(name) for name in rows])
        axes.set_xticks(
            range(len(columns)), [cut(name, 20) for name in columns], rotation=40, ha="left",
            rotation_mode="anchor", color=INK,
        )  # fmt: skip
        axes.xaxis.tick_top()
        axes.set_xticks([j - 0.5 for j in range(1, len(columns))], minor=True)
        axes.set_yticks([i - 0.5 for i in range(1, len(rows))], minor=True)
        axes.grid(which="minor", color="white", linewidth=1.5)
        axes.tick_params(which="both", length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        return figure


def strips(
    title: str, rows: Sequence[tuple[str, str, Sequence[float]]], bins: Sequence[tuple[float, str]]
) -> Figure:
    """Return one row of dots for each name: a dot where there are papers, larger for more.

    Args:
        title: The question, and in a second line what was counted.
        rows: Name, class and the places of its papers on the axis.
        bins: Places on the axis and what they are called.
    """
    with _settled():
        figure, top = _figure(title, 0.3 * len(rows) + 0.9)
        axes = _axes(figure, top, 0.55)
        for i, (_, node_class, places) in enumerate(rows):
            axes.plot([min(places), max(places)], [i, i], color=LINE, linewidth=2, zorder=1)
            at = Counter(places)
            sizes = [24 * math.sqrt(count) for count in at.values()]
            axes.scatter(list(at), [i] * len(at), s=sizes, color=colour(node_class), zorder=2, lw=0)
            axes.text(
                1.015, i, f"{len(places):,}", transform=axes.get_yaxis_transform(), va="center", color=SOFT
            )
        axes.set_yticks(range(len(rows)), [cut(name) for name, _, _ in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xticks([place for place, _ in bins], [name for _, name in bins])
        axes.grid(axis="x", color=LINE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines["left"].set_visible(False)
        _class_legend(figure, [node_class for _, node_class, _ in rows], 0.08)
        return figure


def tree(title: str, found: Lineage, names: Mapping[str, str], classes: Mapping[str, str]) -> Figure:
    """Return a lineage in columns, what is older to the left.

    Args:
        title: The question, and in a second line what was counted.
        found: The tree.
        names: Labels by node id.
        classes: Classes by node id.
    """
    with _settled():
        rows = [placed.row for placed in found.placed]
        figure, top = _figure(title, 0.27 * (max(rows) - min(rows) + 1) + 0.75)
        high = figure.get_figheight()
        axes = figure.add_axes((0.02, 0.4 / high, 0.96, top - 0.45 / high))
        layers = sorted({placed.layer for placed in found.placed})
        widths = [max(len(names[p.node]) for p in found.placed if p.layer == n) + 7 for n in layers]
        x = {layer: float(sum(widths[:i])) for i, layer in enumerate(layers)}
        at = {placed.node: (x[placed.layer], placed.row) for placed in found.placed}
        right = sum(widths)
        for placed in found.placed:
            if placed.edge is not None:
                ends = sorted([at[placed.edge.source], at[placed.edge.target]])
                _curve(axes, ends[0], ends[1])
        for placed in found.placed:
            px, py = at[placed.node]
            root = placed.layer == 0
            axes.scatter([px], [py], s=60 if root else 34, color=colour(classes[placed.node]), zorder=3, lw=0)
            axes.text(
                px + 0.9, py, names[placed.node], va="center", fontweight="bold" if root else None,
                fontsize=8.5, zorder=4, bbox=_BEHIND,
            )  # fmt: skip
        axes.set_xlim(-1.5, max(right, 60))
        axes.set_ylim(max(rows) + 0.7, min(rows) - 0.7)
        axes.axis("off")
        _class_legend(figure, list(classes.values()), 0.08)
        return figure


def cut(text: str, most: int = _LONGEST) -> str:
    """Return a text that is short enough for a label.

    >>> cut("reinforcement learning with verifiable rewards")
    'reinforcement learning wi…'
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _curve(axes: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    path = Path(
        [start, (end[0] - 5.5, start[1]), (end[0] - 2.2, start[1]), (end[0] - 3.8, end[1]), end],
        [Path.MOVETO, Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4],
    )
    axes.add_patch(PathPatch(path, fill=False, edgecolor="#9aa8bd", linewidth=1.3, zorder=1))


def _figure(title: str, height: float) -> tuple[Figure, float]:
    """Return a figure of a body of so many inches with its title, and where the body ends, as a share.

    The first line of the title is the question, the second what was counted.
    """
    total = height + 0.7
    figure = Figure(figsize=(_WIDTH, total))
    FigureCanvasAgg(figure)
    question, _, rest = title.partition("\n")
    figure.text(0.02, 1 - 0.14 / total, question, va="top", ha="left", fontsize=11.5, fontweight="bold")
    figure.text(0.02, 1 - 0.38 / total, rest, va="top", ha="left", fontsize=8.5, color=SOFT)
    return figure, 1 - 0.7 / total


def _axes(figure: Figure, top: float, below: float) -> Any:
    """Return axes from `below` inches to the share `top`, with room for names on the left."""
    bottom = below / figure.get_figheight()
    return figure.add_axes((0.26, bottom, 0.66, top - bottom))


def _ticks(axes: Any, bins: Sequence[str], *, shown: bool) -> None:
    step = max(1, -(-len(bins) // 9))
    places = list(range(0, len(bins), step)) if shown else []
    axes.set_xticks(places, [bins[i] for i in places], fontsize=8)


def _class_legend(figure: Figure, classes: Sequence[str], y: float) -> None:
    from matplotlib.lines import Line2D

    present = [name for name in COLOURS if name in classes]
    marks = [
        Line2D([], [], linestyle="", marker="o", color=colour(name), label=name, markersize=6)
        for name in present
    ]
    place = (0.26, y / figure.get_figheight())
    figure.legend(
        handles=marks, loc="lower left", bbox_to_anchor=place, ncols=7, frameon=False, fontsize=8.5,
        borderaxespad=0, borderpad=0, handletextpad=0.2,
    )  # fmt: skip


@contextmanager
def _settled() -> Iterator[None]:
    """Draw with our settings only; a glyph that the font lacks is a box, without a warning."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        settings: Any = mpl.rcParams
        settings.update(_SETTINGS)
        warnings.filterwarnings("ignore", message=".*[Gg]lyph.*missing.*")
        yield
