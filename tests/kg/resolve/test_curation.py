"""Curation: every kind of decision, undo, lines that match nothing, and the file itself."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import Extraction
from kg.names import display_name
from kg.resolve import Curation, Resolution, read_curation, resolve
from kg.resolve.curation import ACTIONS, COLUMNS, Decision, Subject, parse_curation, with_decision
from kg.resolve.keys import match_key
from tests.kg.resolve.made_up_names import extraction, mention

READ = [
    extraction("1", [mention("ZQPO", "Zonal Quick Policy Optimization", role="introduces")]),
    extraction("2", [mention("ZQPO", "Zebra Query Parse Order", role="introduces")]),
    extraction("3", [mention("ZQPO", "Zonal Quick Policy Optimization"), mention("QuuxNet")]),
    extraction("4", [mention("Quux Net v2"), mention("ZORBEN", type_="Method")]),
    extraction("5", [mention("quuxnet"), mention("ZORBEN", type_="Method"), mention("our method")]),
]


def curated(*decisions: Decision, read: list[Extraction] = READ) -> Resolution:
    text = ""
    for decision in decisions:
        text = with_decision(text, decision)
    curation = parse_curation(text)
    assert not curation.faults
    return resolve([], read, curation=curation)


def test_merge() -> None:
    found = curated(Decision("merge", Subject("Quux Net v2"), Subject("QuuxNet")))
    assert found.find("4", "Quux Net v2") == found.find("3", "QuuxNet") == "quuxnet"
    rows = {row.spelling: row for row in found.ledger["quuxnet"]}
    assert rows["Quux Net v2"].rule == "curated" and rows["Quux Net v2"].confidence == 1
    assert found.unmatched == ()


def test_merge_wins_over_what_keeps_homonyms_apart() -> None:
    apart = curated()
    assert apart.find("1", "ZQPO") != apart.find("2", "ZQPO")
    together = curated(
        Decision("merge", Subject("Zebra Query Parse Order"), Subject("Zonal Quick Policy Optimization"))
    )
    assert together.find("1", "ZQPO") == together.find("2", "ZQPO") == "zqpo"
    assert not together.senses


def test_merge_of_one_paper_leaves_the_others() -> None:
    found = curated(Decision("merge", Subject("quuxnet", paper="5"), Subject("ZORBEN")))
    assert found.find("5", "quuxnet") == found.find("4", "ZORBEN") == "zorben"
    assert found.find("3", "QuuxNet") == "quuxnet"


def test_split_by_paper() -> None:
    found = curated(Decision("split", Subject("ZQPO", paper="1"), Subject("ZQPO", paper="3")))
    assert found.find("1", "ZQPO") != found.find("3", "ZQPO")
    assert "curation" in found.apart[str(found.find("3", "ZQPO"))]
    assert set(found.senses["zqpo"]) == {found.find(paper, "ZQPO") for paper in "123"}


def test_split_by_spelling() -> None:
    found = curated(Decision("split", Subject("QuuxNet"), Subject("quuxnet")))
    assert found.find("3", "QuuxNet") != found.find("5", "quuxnet")


def test_split_of_a_merge_by_alias() -> None:
    read = [
        extraction("1", [mention("GRPO")]),
        extraction("2", [mention("Group Relative Policy Optimization")]),
    ]
    assert len(curated(read=read).entities) == 1
    line = Decision("split", Subject("GRPO"), Subject("Group Relative Policy Optimization"))
    assert len(curated(line, read=read).entities) == 2


def test_rename() -> None:
    found = curated(Decision("rename", Subject("QuuxNet"), value="QUUX-Net"))
    assert [e.name for e in found.entities if "quux" in e.slug] == ["QUUX-Net", "Quux Net v2"]
    assert found.find("5", "quuxnet") == "quux-net"
    (entity,) = (e for e in found.entities if e.slug == "quux-net")
    assert {"QuuxNet", "quuxnet"} <= set(entity.aliases)


def test_retype() -> None:
    found = curated(Decision("retype", Subject("ZORBEN"), value="Benchmark:environment"))
    (entity,) = (e for e in found.entities if e.slug == "zorben")
    assert (entity.type, entity.kind) == ("Benchmark", "environment")
    assert [vote.type for vote in found.votes["zorben"]] == ["Method"], "what papers say stays to be seen"


def test_retype_of_one_type_only() -> None:
    read = [
        extraction("1", [mention("MATHS", type_="Benchmark")]),
        extraction("2", [mention("maths", type_="Task")]),
    ]
    line = Decision("retype", Subject("maths", "Task"), value="Concept")
    found = curated(line, read=read)
    assert sorted(e.type for e in found.entities) == ["Benchmark", "Concept"]


def test_drop() -> None:
    found = curated(Decision("drop", Subject("our method")))
    assert found.find("5", "our method") is None
    assert "our-method" not in {e.slug for e in found.entities}


def test_drop_in_one_paper() -> None:
    found = curated(Decision("drop", Subject("ZORBEN", paper="5")))
    assert found.find("5", "ZORBEN") is None and found.find("4", "ZORBEN") == "zorben"


@pytest.mark.parametrize(
    "decision",
    [
        Decision("merge", Subject("Quux Net v2"), Subject("QuuxNet")),
        Decision("split", Subject("ZQPO"), Subject("ZQPO", paper="3")),
        Decision("rename", Subject("QuuxNet"), value="Other"),
        Decision("retype", Subject("ZORBEN"), value="Model"),
        Decision("drop", Subject("our method")),
    ],
    ids=ACTIONS,
)
def test_undo_is_deleting_the_line(decision: Decision) -> None:
    text = with_decision(with_decision("", Decision("drop", Subject("nothing"))), decision)
    assert resolve([], READ, curation=parse_curation(text)).entities != resolve([], READ).entities
    kept = [line for line in text.splitlines() if decision.subject.label not in line or line.startswith("#")]
    assert len(kept) == len(text.splitlines()) - 1
    undone = resolve([], READ, curation=parse_curation("\n".join(kept)))
    assert undone.entities == resolve([], READ).entities
    assert undone.ledger == resolve([], READ).ledger


def test_a_line_that_matches_nothing_is_reported_with_its_number() -> None:
    found = curated(
        Decision("drop", Subject("Nosuch")),
        Decision("merge", Subject("QuuxNet"), Subject("Nothing Such")),
        Decision("merge", Subject("QuuxNet", paper="4"), Subject("ZORBEN")),
    )
    lines = with_decision("", Decision("drop", Subject("x"))).splitlines()
    head = len(lines) - 1
    said = {(note.line - head, note.message) for note in found.unmatched}
    assert {message for _, message in said} == {
        "drop: no paper names Nosuch",
        "merge: no paper names Nothing Such",
        "merge: no paper names QuuxNet in 4",
    }
    assert sorted(line for line, _ in said) == [1, 2, 3]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({}, "subject_label"),
        ({"subject_label": "X"}, "neither"),
        ({"subject_label": "X", "drop": "yes", "rename": "Y"}, "more than one"),
        ({"subject_label": "X", "drop": "perhaps"}, "write yes"),
        ({"subject_label": "X", "retype": "Thing"}, "Method, Model"),
        ({"subject_label": "X", "retype": "Benchmark:game"}, "Benchmark:environment"),
        ({"subject_label": "X", "rename": "--"}, "write a name"),
        ({"subject_label": "X", "predicate_id": "owl:sameAs", "object_label": "Y"}, "skos:exactMatch"),
        ({"subject_label": "X", "predicate_id": "skos:exactMatch"}, "object_label"),
        ({"subject_label": "X", "predicate_id": "skos:exactMatch", "object_label": "X"}, "the same"),
        (
            {
                "subject_label": "X",
                "predicate_id": "skos:exactMatch",
                "object_label": "Y",
                "predicate_modifier": "No",
            },
            "predicate_modifier",
        ),
        ({"subject_label": "X", "subject_category": "Thing", "drop": "yes"}, "subject_category"),
        ({"subject_label": "https://w3id.org/abstractkg/entity/x", "drop": "yes"}, "IRI"),
    ],
)
def test_a_bad_line_is_told_and_the_rest_stands(cells: dict[str, str], said: str) -> None:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerow({"comment": "a line", **cells})
    writer.writerow({"subject_label": "our method", "drop": "yes"})
    found = parse_curation(buffer.getvalue())
    assert [(fault.file, fault.line) for fault in found.faults] == [("curation.tsv", 2)]
    assert said in found.faults[0].message
    assert resolve([], READ, curation=found).find("5", "our method") is None
    assert found.faults[0] in resolve([], READ, curation=found).unmatched


def test_the_file_keeps_comments_columns_and_lines_that_it_does_not_understand() -> None:
    text = "# ours\nsubject_label\tdrop\treviewer\nbad\tno idea\tMe\n"
    made = with_decision(text, Decision("drop", Subject("a")))
    assert made.startswith("# ours\nsubject_label\tdrop\treviewer\t")
    assert "\nbad\tno idea\tMe\t" in made
    assert with_decision(made, Decision("drop", Subject("a"))) == made


def names() -> st.SearchStrategy[str]:
    return st.text(
        st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=12
    ).filter(lambda s: display_name(s) == s and bool(match_key(s)) and not s.startswith("http"))


@given(one=names(), other=names(), order=st.booleans())
def test_decisions_survive_the_file_in_any_order(one: str, other: str, order: bool) -> None:
    chosen = [
        Decision("drop", Subject(one)),
        Decision("rename", Subject(other, "Model", "1"), value=one),
        *([Decision("merge", Subject(one), Subject(other, "Method"))]),
    ]
    texts = []
    for decisions in (chosen, chosen[::-1]):
        text = ""
        for decision in decisions:
            text = with_decision(text, decision)
        texts.append(text)
    assert texts[0] == texts[1]
    assert not any(line.startswith(("=", "+", "-", "@")) for line in texts[0].splitlines()), "a formula"
    assert set(parse_curation(texts[order]).decisions) == set(chosen)


def test_no_file_is_no_curation(tmp_path: Path) -> None:
    assert read_curation(tmp_path / "curation.tsv") == Curation()
