"""Made-up papers and a made-up extractor: names that meet in every way, read in no time.

An abstract is a list of what it mentions, `type/role/name/long form;`, and nothing else. The names are few
and alike, so that papers share spellings, short forms with several readings, versions and sizes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import strategies as st

import extractors
from kg.model import EntityType, Evidence, Extraction, Mention, Paper, Relation, Role, Span
from kg.pipeline import build

NAME: Final = "made-up"
_TYPES: Final[dict[str, EntityType]] = {
    "M": "Method", "L": "Model", "B": "Benchmark", "O": "Organization", "T": "Task", "C": "Concept",
    "E": "Metric",
}  # fmt: skip
_ROLES: Final[dict[str, Role]] = {
    "i": "introduces", "u": "uses", "e": "evaluates_on", "c": "compares_to", "m": "mentions",
}  # fmt: skip
_ITEM: Final = re.compile(r"([MLBOTCE])/([iuecm])/([^/;]+)(?:/([^/;]+))?;")

MENTIONED: Final = (
    "M/i/QQZO/Quick Quiet Zonal Optimization;",
    "M/u/QQZO/Quick Quiet Zonal Optimisation;",
    "M/i/QQZO/Quantile Query Zero Order;",
    "M/u/QQZO;",
    "L/u/QQZO;",
    "B/e/QQZO;",
    "M/u/Quick Quiet Zonal Optimization;",
    "M/m/Quantile Query Zero Order;",
    "M/i/ZorbNet;",
    "L/u/Zorb-Net;",
    "L/c/ZorbNets;",
    "L/c/Zorb Net v2;",
    "L/i/ZorbNet2.5-VL-7B-Instruct;",
    "L/u/ZorbNet2.5-VL-7B;",
    "L/u/ZorbNet2.5;",
    "B/i/VarnBench/Very Applied Reasoning Notes;",
    "B/e/VARNBench;",
    "B/e/Varn-Bench 2025;",
    "T/m/zonal labelling;",
    "T/m/zonal labeling;",
    "C/m/Quick Quiet Zonal Optimizers;",
    "E/m/quell rate;",
    "O/m/Zorb Labs;",
    "O/m/ZorbNet;",
    "M/u/GRPO;",
    "M/u/Group Relative Policy Optimization;",
    "M/u/PPO/Proximal Policy Optimization;",
    "M/u/PPO/Pareto Plan Ordering;",
)
"""What a made-up abstract may mention."""
TITLES: Final = ("On Zorbs", "Zonal Things", "QQZO Again", "Varn", "A Note: Zorbs", "More Varn")
_IDS: Final = ("2505.00001", "2505.00002v2", "2411.00003", "2601.00004", "")
_DATES: Final = ("2025-05-13", "2025-06", "May 13", "Jun 11, 2025", "2024-11-30", "")

records: Final = st.fixed_dictionaries({
    "id": st.sampled_from(_IDS),
    "title": st.sampled_from(TITLES),
    "abstract": st.lists(st.sampled_from(MENTIONED), max_size=5).map(" ".join),
    "date": st.sampled_from(_DATES),
    "organization": st.sampled_from(("", "Zorb Labs", "ZorbNet", "zorb-labs; QQZO")),
})  # fmt: skip
"""A record of a paper: its id, title or date may be missing, and others may have the same."""
pages: Final = st.lists(st.lists(records, min_size=1, max_size=3), min_size=2, max_size=7)
"""Files of records."""


def extract(paper: Paper) -> Extraction:
    """Return what a made-up abstract mentions; each method extends the one before it.

    >>> found = extract(Paper("T", "M/u/QQZO/Quick Quiet Zonal Optimization; B/e/Varn;"))
    >>> [(mention.name, mention.type, len(mention.spans)) for mention in found.mentions]
    [('QQZO', 'Method', 2), ('Varn', 'Benchmark', 1)]
    """
    mentions: dict[str, Mention] = {}
    relations: list[Relation] = []
    last = None
    for item in _ITEM.finditer(paper.abstract):
        name = item[3]
        if name in mentions:
            continue
        places = [place for place in (3, 4) if item[place]]
        spans = tuple(Span("abstract", *item.span(place), item[place]) for place in places)
        entity_type, evidence = _TYPES[item[1]], Evidence("abstract", *item.span())
        kind = "benchmark" if entity_type == "Benchmark" else None
        confidence = (500 + 7 * len(name)) / 1000
        mentions[name] = Mention(name, entity_type, _ROLES[item[2]], confidence, spans, kind, NAME)
        if entity_type == "Method":
            if last is not None:
                relations.append(Relation(name, "extends", last, confidence, evidence))
            last = name
    return Extraction(paper.id, paper.title, tuple(mentions.values()), tuple(relations))


def write_page(path: Path, page: list[dict[str, Any]]) -> Path:
    """Write a file of records as JSON Lines."""
    path.write_text("".join(json.dumps(record) + "\n" for record in page), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def made_up_extractor() -> Iterator[None]:
    """Offer the made-up extractor by its name."""
    extractors.EXTRACTORS[NAME] = lambda: extract
    yield
    del extractors.EXTRACTORS[NAME]


def made(folder: Path, *records: dict[str, Any], graph: str = "graph") -> Path:
    """Return the folder of a graph of records that the made-up extractor reads."""
    page = write_page(folder / f"{graph}.jsonl", list(records))
    return build([page], graph=folder / graph, extractor=NAME).folder
