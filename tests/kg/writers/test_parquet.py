"""The flat table: every piece of evidence, no text, the same bytes, readable elsewhere."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from kg.graph import evidence_frame
from kg.pipeline import Built
from kg.writers import get_writer
from tests.kg.hostile import hostile_graph


@pytest.fixture(scope="module")
def file(example_built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parquet") / "evidence.parquet"
    get_writer("parquet").write(example_built.graph, path)
    return path


def test_each_piece_of_evidence_is_a_row(file: Path, example_built: Built) -> None:
    expected = evidence_frame(example_built.graph)
    found = pd.read_parquet(file)
    shown = found[found["field"].notna()]
    columns = ["edge", "paper", "field", "start", "end", "confidence", "extractor", "derived"]
    assert (
        shown[columns].astype({"start": int, "end": int}).values.tolist() == expected[columns].values.tolist()
    )
    assert set(found["edge"]) == {edge.id for edge in example_built.graph.edges}
    assert "text" not in found


def test_duckdb_answers_with_names(file: Path) -> None:
    asked = f"""select distinct source_name from '{file}'
        where relation = 'extends' and target_name = 'PPO' order by all"""
    assert ("GRPO",) in duckdb.execute(asked).fetchall()


def test_the_same_graph_gives_the_same_bytes(file: Path, example_built: Built, tmp_path: Path) -> None:
    get_writer("parquet").write(example_built.graph, tmp_path / "again.parquet")
    assert (tmp_path / "again.parquet").read_bytes() == file.read_bytes()


def test_hostile_names_come_back_as_they_are(tmp_path: Path) -> None:
    graph = hostile_graph()
    get_writer("parquet").write(graph, tmp_path / "evidence.parquet")
    found = set(pd.read_parquet(tmp_path / "evidence.parquet")["target_name"])
    assert {entity.name for entity in graph.entities} >= found > {"GRPO", "MATH500"}
    assert any("<script>" in name for name in found)
