"""Annotations without texts, and back."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from extractors.annotations import (
    Abstract,
    join_row,
    join_rows,
    main,
    read_abstracts,
    read_rows,
    read_stored,
    strip_row,
    texts_of,
    to_bytes,
)
from extractors.gold import read_papers
from kg.errors import SourceError
from kg.model import ENTITY_TYPES, ROLES
from kg.names import title_key

ROOT = Path(__file__).parents[2]
LONG = "Challenge on the Quality of Many Short Form Videos"
ROW: dict[str, Any] = {
    "id": "2602.00001",
    "title": "𝒜-GRPO: GRPOs made calm",
    "abstract": f"We show GRPO, and GRPOs, on MATH and the {LONG}. It gains 4.5\\% on MATH.",
    "ents": [
        ["𝒜-GRPO", "Method", "introduces", ["𝒜-GRPO"], None],
        ["GRPO", "Method", "uses", ["GRPO", "GRPOs"], None],
        ["MATH", "Benchmark", "evaluates_on", ["MATH"], "benchmark"],
        [LONG, "Benchmark", "mentions", [LONG], "dataset"],
    ],
    "rels": [["𝒜-GRPO", "extends", "GRPO"], ["PAPER", "evaluated_on", LONG]],
    "results": [
        ["𝒜-GRPO", "MATH", None, "4.5%", None, "gain"],
        ["𝒜-GRPO", LONG, None, "4.5", "GRPO", "gain"],
    ],
}
OTHER: dict[str, Any] = {
    "id": "2602.00002", "title": "LoRA", "abstract": "An adapter.",
    "ents": [["LoRA", "Method", "introduces", ["LoRA"], None]], "rels": [], "results": [],
}  # fmt: skip


def texts(row: dict[str, Any]) -> Any:
    return texts_of(row["title"], row["abstract"])


@pytest.mark.parametrize("row", [ROW, OTHER], ids=lambda row: str(row["id"]))
def test_join_is_the_inverse_of_strip(row: dict[str, Any]) -> None:
    stored = json.loads(json.dumps(strip_row(row)))
    assert join_row(stored, texts(row)) == row


def test_places_point_at_whole_words_and_count_code_points() -> None:
    stored = strip_row(ROW)
    by_name = {json.dumps(entity["name"]): entity for entity in stored["entities"]}
    assert by_name['"GRPO"']["mentions"] == [["title", 2, 6], ["title", 8, 13]]
    start = ROW["abstract"].index("4.5")
    assert [result["value"] for result in stored["results"]] == ["4.5%", ["abstract", start, start + 3]]


def test_long_names_are_stored_as_places() -> None:
    stored = strip_row(ROW)
    place = stored["entities"][3]["name"]
    assert place[0] == "abstract" and stored["relations"][1][2] == place
    assert "Short" not in json.dumps(stored)


def test_a_mention_that_is_not_in_the_text_is_refused() -> None:
    with pytest.raises(SourceError, match="XYZ"):
        strip_row({**OTHER, "ents": [["XYZ", "Method", "uses", ["XYZ"], None]]})


def test_a_name_that_repeats_running_text_is_refused() -> None:
    name = LONG.replace("Videos", "Videos of 2026 etc")
    with pytest.raises(SourceError, match="repeats 8 words"):
        strip_row({**ROW, "ents": [[name, "Benchmark", "uses", ["MATH"], None]]})


def test_the_bytes_do_not_depend_on_order_or_clock() -> None:
    rows = [strip_row(ROW), strip_row(OTHER)]
    assert to_bytes(rows) == to_bytes(list(reversed(rows)))


def test_what_is_missing_or_changed_is_told() -> None:
    stored = [strip_row(ROW), strip_row(OTHER)]
    wrapped = ROW["abstract"].replace(" ", "\n  ")
    done = join_rows(
        stored,
        [
            Abstract("2602.00001", ROW["title"], "Another version."),
            Abstract("2602.00001", ROW["title"] + "\n", wrapped),
            Abstract("2602.00003", "Not annotated", ""),
        ],
    )
    assert [row["id"] for row in done.rows] == ["2602.00001"]
    assert done.rows[0] == ROW
    assert (done.missing, done.changed) == (("2602.00002",), ())
    done = join_rows(stored, [Abstract("2602.00002", "LoRA", "Two adapters.")])
    assert (done.rows, done.missing, done.changed) == ((), ("2602.00001",), ("2602.00002",))


def test_abstracts_are_read_from_a_snapshot_packed_or_not_and_from_a_table(tmp_path: Path) -> None:
    line = json.dumps({**ROW, "id": "2602.00001v2", "authors": "A. Author", "categories": "cs.LG"})
    text = line + "\nnot JSON\n" + json.dumps({"id": "2602.9", "title": "X", "abstract": "Y"}) + "\n"
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(text.encode()))
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["id", "title", "abstract"], [ROW[k] for k in ("id", "title", "abstract")]]
        )
    for name in ("a.json", "a.json.gz", "a.csv"):
        found = list(read_abstracts(tmp_path / name, {"2602.00001"}))
        assert found == [Abstract("2602.00001", ROW["title"], ROW["abstract"])], name


def test_the_command_line(tmp_path: Path) -> None:
    gold, stored, out = (tmp_path / name for name in ("gold.jsonl", "there/a.jsonl.gz", "joined.jsonl"))
    gold.write_text("".join(json.dumps(row) + "\n" for row in (OTHER, ROW)), encoding="utf-8")
    runner = CliRunner()
    done = runner.invoke(main, ["strip", str(gold), "-o", str(stored)])
    assert done.exit_code == 0, done.output
    join = ["join", str(stored), "-o", str(out), "--abstracts"]
    assert runner.invoke(main, [*join, str(gold)]).exit_code == 0
    assert read_papers(out) == read_papers(gold)
    gold.write_text(json.dumps(ROW) + "\n", encoding="utf-8")
    done = runner.invoke(main, [*join, str(gold)])
    assert done.exit_code == 1 and "2602.00002: no text" in done.stderr
    gold.write_text(json.dumps({**ROW, "abstract": "New."}) + "\n", encoding="utf-8")
    done = runner.invoke(main, [*join, str(gold)])
    assert done.exit_code == 2 and "2602.00001: another text" in done.stderr
    done = runner.invoke(main, ["join", str(gold), "-o", str(out), "--abstracts", str(gold)])
    assert done.exit_code == 2 and "gold.jsonl:1" in done.stderr


def test_the_committed_annotations_are_whole() -> None:
    readme = (ROOT / "annotations" / "README.md").read_text(encoding="utf-8")
    told, more = (read_stored(ROOT / "annotations" / f"{name}.jsonl.gz") for name in ("train", "more"))
    ids = [row["id"] for row in (*told, *more)]
    assert len(ids) == len(set(ids)) == 5620
    for name, rows in (("train", told), ("more", more)):
        path = ROOT / "annotations" / f"{name}.jsonl.gz"
        assert path.stat().st_size < 2_000_000
        assert gzip.decompress(to_bytes(rows)) == gzip.decompress(path.read_bytes())
    for (what, count), (_, further) in zip(held(told).items(), held(more).items(), strict=True):
        assert f"| {what} | {count:,} | {further:,} |" in readme, what


def held(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Return what the README says of a file."""
    entities = [entity for row in rows for entity in row["entities"]]
    return {
        "papers": len(rows),
        "entities": len(entities),
        "mentions": sum(len(entity["mentions"]) for entity in entities),
        "relations": sum(len(row["relations"]) for row in rows),
        "results": sum(len(row["results"]) for row in rows),
        **{type_: sum(entity["type"] == type_ for entity in entities) for type_ in ENTITY_TYPES},
        **{role: sum(entity["role"] == role for entity in entities) for role in ROLES},
    }


@pytest.mark.shared
def test_further_annotated_papers_are_joined_with_the_corpus(shared: Path, tmp_path: Path) -> None:
    corpus, out = shared / "corpus" / "arxiv-abstracts.jsonl.gz", tmp_path / "more.jsonl"
    stored = ROOT / "annotations" / "more.jsonl.gz"
    done = CliRunner().invoke(main, ["join", str(stored), "--abstracts", str(corpus), "-o", str(out)])
    assert done.exit_code == 0, done.output
    more = {title_key(paper.paper.title) for paper in read_papers(out)}
    assert len(more) == len(read_stored(stored))
    with (shared / "gold" / "dev.jsonl").open(encoding="utf-8") as lines:
        assert not more & {title_key(json.loads(line)["title"]) for line in lines}, (
            "what measures was trained on"
        )


@pytest.mark.shared
def test_the_training_papers_come_back_as_they_were(shared: Path, tmp_path: Path) -> None:
    gold = shared / "gold" / "train.jsonl"
    stored = read_stored(ROOT / "annotations" / "train.jsonl.gz")
    fresh = sorted(map(strip_row, read_rows(gold)), key=lambda row: str(row["id"]))
    assert json.loads(json.dumps(fresh)) == stored, (
        f"python -m extractors.annotations strip {gold} -o annotations/train.jsonl.gz"
    )
    done = CliRunner().invoke(
        main,
        ["join", str(ROOT / "annotations" / "train.jsonl.gz"), "--abstracts", str(gold),
         "-o", str(tmp_path / "train.jsonl")],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert read_papers(tmp_path / "train.jsonl") == read_papers(gold)
