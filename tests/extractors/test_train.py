"""The training command makes every weight file, from few papers."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path

import pytest
from click.testing import CliRunner

from extractors import lexicon, sequence
from extractors.crf import LinearChain
from extractors.train import main
from extractors.trees import Trees
from extractors.words import NAMES_FILE, WORDS_FILE

pytestmark = pytest.mark.shared
FILES = {
    WORDS_FILE,
    NAMES_FILE,
    lexicon.FILE,
    "vectors.bin.gz",
    "sequence.chain.gz",
    "kinds.chain.gz",
    "results.chain.gz",
    "types.trees.gz",
    "roles.trees.gz",
    "relations.trees.gz",
}


def test_every_weight_file_is_made(shared: Path, tmp_path: Path, runner: CliRunner) -> None:
    gold, corpus = tmp_path / "train.jsonl", tmp_path / "corpus.jsonl.gz"
    with (shared / "gold" / "train.jsonl").open(encoding="utf-8") as lines:
        # organisations are rare, and each type has to be met in each fold
        with_organization = (line for line in lines if '"Organization"' in line)
        gold.write_text("".join(itertools.islice(with_organization, 44)), encoding="utf-8")
    whole = shared / "corpus" / "arxiv-abstracts.jsonl.gz"
    with gzip.open(whole, "rt", encoding="utf-8") as lines, gzip.open(corpus, "wt", encoding="utf-8") as out:
        out.writelines(itertools.islice(lines, 400))
    command = ["--gold", str(gold), "--corpus", str(corpus), "--hold-out", "4", "--work", str(tmp_path / "w")]
    made = runner.invoke(main, [*command, "--out", str(tmp_path / "out"), "--rounds", "10"])
    assert made.exit_code == 0, made.output
    assert {file.name for file in (tmp_path / "out").iterdir()} == FILES
    chain = LinearChain.from_bytes((tmp_path / "out" / "sequence.chain.gz").read_bytes())
    assert sequence.OUTSIDE in chain.labels and len(chain.rows) > 500
    trees = Trees.from_bytes((tmp_path / "out" / "types.trees.gz").read_bytes())
    assert trees.columns.shape[0] == 10
    assert lexicon.read((tmp_path / "out" / lexicon.FILE).read_bytes()).names


def test_the_weights_that_are_shipped_are_all_there() -> None:
    data = Path(lexicon.__file__).parent / "data"
    assert {file.name for file in data.glob("*.gz")} == FILES
    assert sum(file.stat().st_size for file in data.iterdir()) < 20_000_000
