"""A reader gets a generation that stands, whatever a writer does between its looks."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from kg import generations
from kg.errors import GraphFolderError
from kg.generations import hold, hold_current, next_generation


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
    (write(folder) / ".held").unlink()
    with pytest.raises(GraphFolderError, match="faster than they can be opened"):
        hold_current(folder)
