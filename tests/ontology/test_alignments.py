"""The lint of `ontology/alignments.tsv`; every message says how to repair the file."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import pytest
import rdflib

from kg.graph import build_graph
from kg.model import Extraction, Mention, Paper, Span
from kg.rdf import to_quads
from kg.resolve import resolve
from kg.serializing import serialize
from kg.vocab import PREFIXES
from ontology import ALIGNMENT_COLUMNS, Alignment, alignments, alignments_of, known_entities, read_text

EXACT: Final = "skos:exactMatch"
INTRODUCED: Final = "akg:introducedIn"
_HF: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?/[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
FORMS: Final = {
    "Hugging Face model": (EXACT, rf"https://huggingface\.co/(?!datasets/|spaces/){_HF}", {"Model"}),
    "Hugging Face dataset": (EXACT, rf"https://huggingface\.co/datasets/{_HF}", {"Benchmark"}),
    "Wikidata item": (EXACT, r"http://www\.wikidata\.org/entity/Q[1-9]\d*", None),
    "CSO topic": (EXACT, r"https://cso\.kmi\.open\.ac\.uk/topics/[a-z0-9_()%-]+", None),
    "arXiv paper": (INTRODUCED, r"https://arxiv\.org/abs/\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}", None),
}
"""What an identifier looks like: the predicate that takes it, its form, and the types that may have it."""

# What the sources say of these is wrong: the paper is another one, or the model is a mirror.
WRONG: Final = {
    ("BoolQ", "https://arxiv.org/abs/1905.11946"),
    ("MT-Bench", "https://arxiv.org/abs/2402.14762"),
    ("MATH", "https://arxiv.org/abs/2305.20050"),
    ("Grok-1", "https://huggingface.co/hpcai-tech/grok-1"),
}


@pytest.fixture(scope="module")
def rows() -> tuple[Alignment, ...]:
    return alignments()


def kinds(row: Alignment) -> list[str]:
    return [
        kind
        for kind, (predicate, form, types) in FORMS.items()
        if row.predicate == predicate
        and re.fullmatch(form, row.object)
        and (types is None or row.type in types)
    ]


def test_file_format(rows: tuple[Alignment, ...]) -> None:
    text = read_text("alignments.tsv")
    assert "\r" not in text and text.endswith("\n") and not text.endswith("\n\n"), "one LF ends each line"
    lines = text.removesuffix("\n").split("\n")
    assert tuple(lines[0].split("\t")) == ALIGNMENT_COLUMNS
    wrong = [line for line in lines if line.count("\t") != len(ALIGNMENT_COLUMNS) - 1 or '"' in line]
    assert not wrong, f"give each line {len(ALIGNMENT_COLUMNS)} fields and no double quote: {wrong[:10]}"
    assert len(rows) == len(lines) - 1
    empty = [row for row in rows if "" in (row.name, row.type, row.predicate, row.object, row.origin)]
    assert not empty, f"fill in all fields, the origin too: {empty[:10]}"


def test_sorted_and_unique(rows: tuple[Alignment, ...]) -> None:
    keys = [(r.name.casefold(), r.name, r.type, r.predicate, r.object) for r in rows]
    assert keys == sorted(set(keys)), "sort by casefolded name, name, type, predicate, object; no row twice"


def test_every_row_is_of_a_known_entity(rows: tuple[Alignment, ...]) -> None:
    known = {(row.name, row.type) for row in known_entities()}
    wrong = [f"{row.name} ({row.type})" for row in rows if (row.name, row.type) not in known]
    assert not wrong, f"write name and type as known.tsv has them: {wrong[:10]}"


def test_every_identifier_has_a_known_form(rows: tuple[Alignment, ...]) -> None:
    wrong = [f"{row.name}: {row.predicate} {row.object}" for row in rows if len(kinds(row)) != 1]
    assert not wrong, f"these are no {sorted(FORMS)}: {wrong[:10]}"


def test_every_origin_says_where(rows: tuple[Alignment, ...]) -> None:
    """Hugging Face ids and papers stand in a file of a repository at a commit; the rest says it in words."""
    for row in rows:
        if "huggingface" in row.object or "arxiv" in row.object:
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{12}:\S+", row.origin), row
        else:
            assert "stored" in row.origin, row


def test_one_identifier_is_one_entity(rows: tuple[Alignment, ...]) -> None:
    exact = Counter(row.object for row in rows if row.predicate == EXACT)
    twice = [iri for iri, count in exact.items() if count > 1]
    assert not twice, f"an exactMatch is of one entity only: {twice}"
    each = Counter((row.name, row.type, kind) for row in rows for kind in kinds(row))
    several = [key for key, count in each.items() if count > 1]
    assert not several, f"one identifier of a kind an entity, or none: {several}"


def test_known_faults_stay_out(rows: tuple[Alignment, ...]) -> None:
    assert not WRONG & {(row.name, row.object) for row in rows}


def test_sizes_agree(rows: tuple[Alignment, ...]) -> None:
    """A size, version or tuning in the name stands in the identifier too."""
    wrong = []
    for row in rows:
        if row.type == "Model" and "huggingface" in row.object:
            numbers = re.findall(r"\d+", row.name)
            repository = re.findall(r"\d+", row.object.rsplit("/", 1)[1])
            tuned = "instruct" in row.name.casefold()
            if repository[: len(numbers)] != numbers or tuned != ("instruct" in row.object.casefold()):
                wrong.append((row.name, row.object))
    assert not wrong, wrong


def test_enough_is_aligned(rows: tuple[Alignment, ...]) -> None:
    counts = Counter(kind for row in rows for kind in kinds(row))
    assert counts["Hugging Face model"] + counts["Hugging Face dataset"] >= 150


def test_the_graph_carries_them_for_its_own_entities_only() -> None:
    span = Span("abstract", 0, 5, "GSM8K")
    paper, mention = Paper("T", "GSM8K", id="1"), Mention("GSM8K", "Benchmark", "uses", 0.9, (span,))
    read = [Extraction("1", "T", (mention,))]
    graph = build_graph([paper], read, resolve([paper], read))
    turtle = rdflib.Graph().parse(data=serialize(to_quads(graph), "ttl"))
    node = rdflib.URIRef("https://w3id.org/abstractkg/entity/gsm8k")
    objects = set(turtle.objects(node, rdflib.URIRef(PREFIXES["skos"] + "exactMatch")))
    assert objects == {rdflib.URIRef("https://huggingface.co/datasets/openai/gsm8k")}
    papers = set(turtle.objects(node, rdflib.URIRef(PREFIXES["akg"] + "introducedIn")))
    assert papers == {rdflib.URIRef("https://arxiv.org/abs/2110.14168")}
    assert len(list(turtle.subject_objects(rdflib.URIRef(PREFIXES["skos"] + "exactMatch")))) == 1


def test_another_type_is_another_thing() -> None:
    assert alignments_of("gsm8k", "Benchmark") and not alignments_of("gsm8k", "Model")
