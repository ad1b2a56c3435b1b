"""Extractors of other distributions, installed as pip leaves them and used through the command line."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import extractors
from kg.cli import main
from kg.errors import ExtractorError, UnknownNameError
from kg.model import Paper
from tests.extractors.installing import Install

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "extractors.md").read_text(encoding="utf-8")
PAPERS = "id,title,abstract\n2402.00001,On ZebraBench,We report on ZebraBench.\n2402.00002,None,Nothing.\n"
FAULTY = """
from kg.model import Extraction, Mention, Paper, Span

def extract(paper):
    if "Nothing" in paper.abstract:
        return Extraction(paper.id, paper.title)
    wrong = Span("abstract", 0, 5, "ZEBRA")
    return Extraction(paper.id, paper.title, (Mention("ZEBRA", "Method", "uses", 0.5, (wrong,)),))

def extractor():
    return extract
"""


def example(name: str) -> str:
    """Return a module that the documentation shows."""
    found = re.search(rf"```python\n# {name}\n(.*?)```", DOCS, flags=re.DOTALL)
    assert found, name
    return found[1]


def test_the_documented_one_builds_a_graph(install: Install, runner: CliRunner) -> None:
    install("zebra", example("zebra.py"), module="zebra_docs")
    Path("papers.csv").write_text(PAPERS, encoding="utf-8")
    listed = runner.invoke(main, ["extractors"])
    assert "zebra\tabstractkg-zebra 1.0" in listed.stdout.splitlines()
    assert "default\tabstractkg" in listed.stdout.splitlines()
    done = runner.invoke(main, ["build", "papers.csv", "--extractor", "zebra"])
    assert done.exit_code == 0, done.output
    assert json.loads(runner.invoke(main, ["show", "ZebraBench", "--json"]).stdout)["kind"] == "benchmark"
    read = runner.invoke(main, ["extract", "papers.csv", "--extractor", "zebra"])
    entities = [json.loads(line)["entities"] for line in read.stdout.splitlines()]
    assert [[e["extractor"] for e in found] for found in entities] == [["zebra"], []]
    gold: dict[str, Any] = {
        "id": "2402.00001",
        "title": "On ZebraBench",
        "abstract": "We report on ZebraBench.",
    }
    gold["ents"] = [["ZebraBench", "Benchmark", "mentions", ["ZebraBench"], "benchmark"]]
    Path("gold.jsonl").write_text(json.dumps(gold) + "\n", encoding="utf-8")
    scored = runner.invoke(main, ["eval", "gold.jsonl", "--extractor", "zebra", "--json"])
    assert scored.exit_code == 0, scored.output
    assert '"f1": 1.0' in scored.stdout


def test_the_documented_one_can_be_tried(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install("zebra", example("zebra.py"), module="zebra")
    exec(example("try_it.py"), {})
    assert capsys.readouterr().out == "ZebraBench Benchmark mentions 0.9\n"


def test_what_it_raises_is_told_with_file_and_line(install: Install, runner: CliRunner) -> None:
    code = "def extractor():\n    return extract\n\ndef extract(paper):\n    return {}[paper.title]\n"
    folder = install("broken", code, module="zebra_raises")
    Path("papers.csv").write_text(PAPERS, encoding="utf-8")
    read = runner.invoke(main, ["extract", "papers.csv", "--extractor", "broken"])
    assert "was not extracted: KeyError: 'On ZebraBench' (zebra_raises.py:5)\n" in read.stderr
    assert str(folder) not in read.output


def test_a_faulty_one_is_reported_and_poisons_nothing(install: Install, runner: CliRunner) -> None:
    install("faulty", FAULTY, module="zebra_faulty")
    Path("papers.csv").write_text(PAPERS, encoding="utf-8")
    done = runner.invoke(main, ["build", "papers.csv", "--extractor", "faulty"])
    assert done.exit_code == 1, done.output
    with Path("graph/unread.tsv").open(encoding="utf-8") as file:
        (lost,) = csv.DictReader(file, delimiter="\t")
    assert (lost["file"], lost["paper"]) == ("papers.csv", "2402.00001")
    assert "abstract[0:5] is 'We re', not 'ZEBRA'" in lost["reason"] and lost["reason"] in done.stderr
    counts = {
        r["what"]: r["count"] for r in json.loads(runner.invoke(main, ["stats", "--json"]).stdout)["rows"]
    }
    assert (counts["papers"], counts["entities"]) == (2, 0)
    read = runner.invoke(main, ["extract", "papers.csv", "--extractor", "faulty"])
    assert read.exit_code == 1
    assert [json.loads(line)["id"] for line in read.stdout.splitlines()] == ["2402.00002"]


def test_a_paper_that_failed_is_tried_again(install: Install, runner: CliRunner) -> None:
    code = FAULTY.replace('"Nothing" in paper.abstract', "__import__('pathlib').Path('fixed').read_text()")
    install("faulty", code, module="zebra_again")
    Path("papers.csv").write_text(PAPERS, encoding="utf-8")
    Path("fixed").write_text("", encoding="utf-8")
    nothing = runner.invoke(main, ["build", "papers.csv", "--extractor", "faulty"])
    assert nothing.exit_code == 2 and "no paper could be extracted" in nothing.stderr
    assert not Path("graph/current").exists()
    assert runner.invoke(main, ["extract", "papers.csv", "--extractor", "faulty", "-o", "x"]).exit_code == 2
    assert not Path("x").exists()
    Path("fixed").write_text("yes", encoding="utf-8")
    assert runner.invoke(main, ["build", "papers.csv", "--extractor", "faulty"]).exit_code == 0


def test_a_failing_build_keeps_the_old_graph(install: Install, runner: CliRunner) -> None:
    Path("papers.csv").write_text(PAPERS, encoding="utf-8")
    assert runner.invoke(main, ["build", "papers.csv"]).exit_code == 0
    before = Path("graph/current").read_bytes()
    install("broken", "def extractor():\n    return lambda paper: 1 / 0\n", module="zebra_zero")
    done = runner.invoke(main, ["build", "papers.csv", "--extractor", "broken"])
    assert done.exit_code == 2 and "ZeroDivisionError" in done.stderr
    assert Path("graph/current").read_bytes() == before


def test_one_that_cannot_be_loaded_names_its_distribution(install: Install, runner: CliRunner) -> None:
    Path("papers.csv").write_text(PAPERS, encoding="utf-8")
    for code, message in [
        ("import zebra_that_is_not_there\n", "ModuleNotFoundError"),
        ("extractor = 3\n", "TypeError"),
        ("def other(): ...\n", "AttributeError"),
        ("def extractor():\n    return 3\n", "is a int"),
        (
            "def extractor():\n    extract = lambda p: 3\n    extract.fingerprint = 3\n    return extract\n",
            "no text",
        ),
    ]:
        install("broken", code, module="zebra_broken", distribution="zebra-tools", version="2.1")
        done = runner.invoke(main, ["build", "papers.csv", "--extractor", "broken"])
        assert done.exit_code == 2, done.output
        assert message in done.stderr and "zebra-tools 2.1" in done.stderr


def test_unknown_names_list_the_installed_ones_too(install: Install) -> None:
    install("zebra", example("zebra.py"), module="zebra_docs")
    with pytest.raises(UnknownNameError, match="default, llm, zebra"):
        extractors.load("zebr")
    assert extractors.names() == ("default", "llm", "zebra")


def test_a_built_in_name_is_not_shadowed(install: Install, runner: CliRunner) -> None:
    install("default", FAULTY, module="zebra_shadow")
    assert extractors.load("default").__module__ == "extractors.pipeline"
    assert extractors.origins()["default"] == extractors.BUILT_IN
    Path("papers.csv").write_text(PAPERS, encoding="utf-8")
    done = runner.invoke(main, ["build", "papers.csv"])
    assert done.exit_code == 0
    assert (
        "note: 'default' is the built-in extractor; that of abstractkg-zebra 1.0 is not used" in done.stderr
    )


def test_two_distributions_with_one_name_are_an_error(install: Install) -> None:
    install("zebra", example("zebra.py"), module="zebra_one", distribution="one")
    install("zebra", example("zebra.py"), module="zebra_two", distribution="two")
    with pytest.raises(ExtractorError, match=r"one 1\.0, two 1\.0"):
        extractors.choose("zebra")


def test_the_fingerprint_follows_version_file_and_declaration(install: Install) -> None:
    code = example("zebra.py")
    seen = []
    for version, text in [("1.0", code), ("1.0", code), ("1.1", code), ("1.1", code + "\n# new\n")]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "path", list(sys.path))
            install("zebra", text, module="zebra_versions", version=version)
            seen.append(extractors.fingerprint("zebra"))
    assert seen[0] == seen[1] and len(set(seen)) == 3
    install("zebra", code.replace("BENCH.pattern", "'another'"), module="zebra_declares")
    chosen = extractors.choose("zebra")
    declares = chosen.fingerprint
    setattr(type(chosen.extract), "fingerprint", "a third")  # noqa: B010
    del chosen.__dict__["fingerprint"]
    assert chosen.fingerprint != declares


def test_the_documented_spacy_pipeline(install: Install) -> None:
    install("rules", example("rules.py"), module="zebra_rules")
    read = extractors.load("rules")(Paper("ZebraPO", "We propose ZebraPO, tested on MATH500."))
    assert {(m.name, m.type, m.extractor) for m in read.mentions} == {
        ("ZebraPO", "Method", "rules"),
        ("MATH500", "Benchmark", "rules"),
    }


def test_the_default_needs_no_network_code() -> None:
    code = (
        "import sys, extractors; from kg.model import Paper; extractors.load()(Paper('A', 'B'));"
        "extractors.fingerprint(); print('extractors.language_model' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.strip() == "False"
