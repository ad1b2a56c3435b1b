"""A run that does not end: the next one reads none of the papers again that it had read."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import extractors
from kg.generations import UNFINISHED
from kg.model import Extraction, Paper
from kg.pipeline import add, build, load
from tests.kg import made_up
from tests.kg.forked import Server

COUNT = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return what runs commands as processes."""
    with Server(tmp_path_factory.mktemp("server")) as server:
        yield server


def page(folder: Path, start: int = 0, count: int = COUNT) -> Path:
    """Write a file of papers."""
    chance = random.Random(start)
    return made_up.write_page(
        folder / f"{start}.jsonl",
        [
            {"title": f"Zorb {n}", "abstract": " ".join(chance.choices(made_up.MENTIONED, k=3))}
            for n in range(start, start + count)
        ],
    )


@pytest.mark.parametrize(
    ("sign", "code", "said"),
    [(signal.SIGKILL, -9, ""), (signal.SIGINT, 130, "kept for the next run")],
    ids=["kill -9", "Ctrl-C"],
)
@pytest.mark.parametrize("verb", ["build", "add"])
def test_no_paper_is_read_twice(
    server: Server, tmp_path: Path, verb: str, sign: int, code: int, said: str
) -> None:
    graph, log, clean = tmp_path / "g", tmp_path / "log", tmp_path / "clean"
    first, papers = page(tmp_path, 1000, 3), page(tmp_path)
    for folder in (graph, clean):
        assert server.run("build", first, "--extractor", made_up.NAME, "--graph", folder).code == 0
    options = ("--extractor", made_up.NAME) if verb == "build" else ()
    command = (verb, papers, *options, "--graph")
    slow = {"MADE_UP_LOG": log, "MADE_UP_SECONDS": 0.02}
    for lines in (10, 31, 47):
        ended = server.run(*command, graph, **slow, kill_when=(str(log), lines), sign=sign)
        assert ended.code == code and said in ended.said and "Traceback" not in ended.said
    last = server.run(*command, graph, **slow)
    assert last.code == 0 and "did not end" in last.said
    titles = log.read_text(encoding="utf-8").splitlines()
    assert set(titles) == {f"Zorb {n}" for n in range(COUNT)}
    assert len(titles) - COUNT <= 3, "more than the paper that was in work when a signal came"
    assert not (graph / UNFINISHED).exists()
    assert server.run(*command, clean).code == 0
    assert load(graph) == load(clean)


@pytest.fixture
def interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path, list[str]]:
    """Return a file of papers, a folder in which a build of them stopped after 40, and what is read later."""
    papers, graph = page(tmp_path), tmp_path / "g"
    read: list[str] = []

    def extract(paper: Paper) -> Extraction:
        if len(read) == 40 and not (tmp_path / "stopped").exists():
            (tmp_path / "stopped").touch()
            raise KeyboardInterrupt
        read.append(paper.title)
        return made_up.extract(paper)

    monkeypatch.setitem(extractors.EXTRACTORS, made_up.NAME, lambda: extract)
    with pytest.raises(KeyboardInterrupt):
        build([papers], graph=graph, extractor=made_up.NAME)
    assert len((graph / UNFINISHED).read_bytes().splitlines()) == 40
    read.clear()
    return papers, graph, read


def test_a_torn_last_line_is_read_again(interrupted: tuple[Path, Path, list[str]], tmp_path: Path) -> None:
    papers, graph, read = interrupted
    kept = graph / UNFINISHED
    kept.write_bytes(kept.read_bytes()[:-5])
    notes: list[str] = []
    built = build([papers], graph=graph, extractor=made_up.NAME, on_note=notes.append)
    assert built.extracted == len(read) == COUNT - 39
    assert notes == ["39 papers were read by a run that did not end; not read again"]
    assert built.graph == build([papers], graph=tmp_path / "clean", extractor=made_up.NAME).graph


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\n",
        b"no key\t{}\n",
        b"%b\tnull\n",
        b"%b\t{\n",
        b'%b\t{"title": "Another"}\n',
        b"\xff\x00\t\xff\n",
    ],
)
def test_a_damaged_line_is_read_again(
    interrupted: tuple[Path, Path, list[str]], tmp_path: Path, damaged: bytes
) -> None:
    papers, graph, read = interrupted
    kept = graph / UNFINISHED
    lines = kept.read_bytes().splitlines(keepends=True)
    lines[7] = damaged.replace(b"%b", lines[7][:64])
    kept.write_bytes(b"".join(lines))
    built = build([papers], graph=graph, extractor=made_up.NAME)
    assert built.extracted == len(read) == COUNT - 39
    assert built.graph == build([papers], graph=tmp_path / "clean", extractor=made_up.NAME).graph


def test_another_extractor_reads_all(
    interrupted: tuple[Path, Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    papers, graph, _ = interrupted
    monkeypatch.setitem(extractors.EXTRACTORS, "other", lambda: made_up.extract)
    assert build([papers], graph=graph, extractor="other").extracted == COUNT


def test_what_a_build_read_serves_an_addition(
    interrupted: tuple[Path, Path, list[str]], tmp_path: Path
) -> None:
    papers, graph, read = interrupted
    other = page(tmp_path, 1000, 2)
    kept = (graph / UNFINISHED).read_bytes()
    build([other], graph=graph, extractor=made_up.NAME)
    assert not (graph / UNFINISHED).exists()
    (graph / UNFINISHED).write_bytes(kept)
    read.clear()
    assert add([papers], graph=graph).extracted == len(read) == COUNT - 40
    assert not (graph / UNFINISHED).exists()
