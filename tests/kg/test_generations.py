"""A reader gets a generation that stands, whatever a writer does between its looks."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from kg import generations
from kg.errors import GraphFolderError
from kg.generations import RDF, hold, hold_current, next_generation
from kg.nquads import iriref, literal, term
from kg.store import Store, open_store


def write(folder: Path) -> Path:
    with next_generation(folder) as fresh:
        (fresh / "data").write_text(fresh.name, encoding="utf-8")
    return fresh


def test_a_generation_that_goes_between_two_looks_is_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "g"
    write(folder)

    def held_too_late(generation: Path) -> int:
        monkeypatch.setattr(generations, "hold", hold)
        write(folder)  # nobody holds the first one, so it goes
        return hold(generation)

    monkeypatch.setattr(generations, "hold", held_too_late)
    generation, held = hold_current(folder)
    assert (generation / "data").read_text(encoding="utf-8") == "gen-2"
    write(folder)
    assert generation.exists(), "it is held"
    os.close(held)
    write(folder)
    assert not generation.exists()


def test_generations_that_never_stand_are_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "g"
    shutil.rmtree(write(folder))
    with pytest.raises(GraphFolderError, match="not there"):
        hold_current(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generations, "hold", gone)
        write(folder)
        with pytest.raises(GraphFolderError, match="faster than they can be opened"):
            hold_current(folder)


def gone(generation: Path) -> int:
    raise FileNotFoundError(generation)


def test_a_copy_without_hidden_files_can_be_read(tmp_path: Path) -> None:
    generation = write(tmp_path / "g")
    (generation / ".held").unlink()
    found, held = hold_current(tmp_path / "g")
    os.close(held)
    assert found == generation


def test_an_open_store_keeps_its_generation(tmp_path: Path) -> None:
    folder = tmp_path / "g"

    def build(name: str) -> Path:
        with next_generation(folder) as generation:
            node = iriref(f"https://w3id.org/abstractkg/entity/{name}")
            Store.write(generation / RDF, [(node, term("skos:prefLabel"), literal(name), "")])
        return generation

    first = build("one")
    store = open_store(folder)
    build("two")
    assert first.exists() and len(store.query("SELECT * WHERE { ?s ?p ?o }")) == 1
    del store
    build("three")
    assert not first.exists()
