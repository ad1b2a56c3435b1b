"""Make every weight file of `extractors/data/`: `python -m extractors.train --gold FILE --corpus FILE`.

Steps, each from the files of the steps before: word statistics and classes from the corpus; the sequence
model from the annotated papers; then logistic regressions for roles, kinds, relations and results from the
annotated rows. The same inputs give the same weights.
"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
import pycrfsuite

from extractors import (
    acronyms,
    consistency,
    features,
    gold,
    grouping,
    known,
    relations,
    results,
    roles,
    sequence,
    typing,
)
from extractors.corpus_names import make_names
from extractors.corpus_words import make_words, read_corpus
from extractors.document import Draft, Found, Row
from extractors.gold import GoldEntity, GoldPaper
from extractors.tokens import draft
from extractors.weights import ATTRIBUTES_FILE, SUFFIX
from extractors.words import NAMES_FILE, WORDS_FILE
from kg.model import PAPER_HEAD, Paper
from kg.names import normal_form

FOLDS = 3
Case = tuple[list[list[str]], list[str]]
"""A sequence: the features of each element, and the label of each."""


@click.command()
@click.option(
    "--gold",
    "gold_file",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="Annotated papers with text, JSON Lines.",
)
@click.option(
    "--corpus",
    "corpus_file",
    type=click.Path(exists=True, path_type=Path),
    default=None,
    help="Abstracts for word statistics, gzipped JSON Lines; without it the present ones are kept.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(__file__).parent / "data",
    show_default="extractors/data",
    help="Folder for the weights.",
)
@click.option(
    "--hold-out",
    type=int,
    default=0,
    show_default=True,
    help="Leave out so many of the latest papers, to measure on them.",
)
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the models of the folds; kept for --keep-sequence.",
)
@click.option("--keep-sequence", is_flag=True, help="Keep the sequence models that an earlier run left.")
def main(
    gold_file: Path, corpus_file: Path | None, out: Path, hold_out: int, work: Path, keep_sequence: bool
) -> None:
    """Train all weights."""
    papers = gold.read_papers(gold_file)
    out.mkdir(parents=True, exist_ok=True)
    annotated = {paper.paper.id for paper in papers}
    papers = papers[: len(papers) - hold_out]
    if corpus_file is not None:
        click.echo("word statistics", err=True)
        corpus = [paper for paper in read_corpus(corpus_file) if paper.id not in annotated]
        (out / WORDS_FILE).write_bytes(make_words(corpus))
        (out / NAMES_FILE).write_bytes(make_names(corpus))
    work.mkdir(parents=True, exist_ok=True)
    if not keep_sequence:
        click.echo("sequence models", err=True)
        fit_sequence(papers, out, work)
    click.echo("rows, roles, kinds, relations, results", err=True)
    fit_rows(papers, out, work)


def fit_sequence(papers: Sequence[GoldPaper], out: Path, work: Path) -> None:
    """Train the sequence model on all papers, and one a fold on all but the fold's papers."""
    trainers = [pycrfsuite.Trainer(algorithm="lbfgs", verbose=False) for _ in range(FOLDS + 1)]
    for number, (rows, labels) in enumerate(sequence_cases(papers)):
        items = pycrfsuite.ItemSequence(rows)
        for fold, trainer in enumerate(trainers):
            if fold != number % FOLDS:
                trainer.append(items, labels)
    for fold, trainer in enumerate(trainers):
        trainer.set_params({"c1": 0.15, "c2": 0.02, "max_iterations": 80, "feature.minfreq": 2})
        file = work / f"fold{fold}.crfsuite"
        trainer.train(str(file))
        trainer.clear()
        click.echo(f"  {file.name}", err=True)
        if fold == FOLDS:
            (out / f"{sequence.MODEL}{SUFFIX}").write_bytes(gzip.compress(file.read_bytes(), mtime=0))
            store_attributes(file, out)


def store_attributes(model: Path, out: Path) -> None:
    """Store the names of the features to which the sequence model gives weight."""
    tagger = pycrfsuite.Tagger()
    tagger.open(str(model))
    names = sorted({attribute for attribute, _ in tagger.info().state_features})
    (out / ATTRIBUTES_FILE).write_bytes(gzip.compress("\n".join(names).encode(), mtime=0))


def fit_rows(papers: Sequence[GoldPaper], out: Path, work: Path) -> None:
    """Train what judges rows, on annotated rows and on what the fold models found in papers new to them."""
    both = [(paper, gold_draft(paper)) for paper in papers]
    taggers = []
    for fold in range(FOLDS):
        tagger = pycrfsuite.Tagger()
        tagger.open(str(work / f"fold{fold}.crfsuite"))
        taggers.append(tagger)
    found = [(paper, found_draft(paper, taggers[i % FOLDS])) for i, paper in enumerate(papers)]
    fit(out, typing.MODEL, typing_cases(found), c1=0.1, c2=0.3, rounds=150, least=2)
    found = [(paper, annotate(paper, state)) for paper, state in found]
    fit(out, roles.MODEL, role_cases(both + found), c1=0.1, c2=0.5, rounds=150, least=2)
    fit(out, roles.KIND_MODEL, kind_cases(both), c1=0.1, c2=0.3, rounds=150, least=1)
    fit(out, relations.MODEL, relation_cases(both + found), c1=0.1, c2=0.8, rounds=150, least=2)
    fit(out, results.MODEL, result_cases(both + found), c1=0.1, c2=0.8, rounds=150, least=2)


def fit(
    out: Path, name: str, cases: Iterable[Case], *, c1: float, c2: float, rounds: int, least: int
) -> None:
    """Train a logistic regression (a sequence model of length one) and store it."""
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": c1, "c2": c2, "max_iterations": rounds, "feature.minfreq": least})
    for rows, labels in cases:
        trainer.append(rows, labels)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        trainer.train(str(file))
        (out / f"{name}{SUFFIX}").write_bytes(gzip.compress(file.read_bytes(), mtime=0))


def prepared(paper: Paper) -> Draft:
    """Return the draft of a paper as the sequence model meets it."""
    state = draft(paper)
    acronyms.mark(state)
    known.mark(state)
    return state


def sequence_cases(papers: Iterable[GoldPaper]) -> Iterator[Case]:
    """Yield tokens and BIO labels of each paper."""
    for paper in papers:
        state = prepared(paper.paper)
        yield features.sequence_features(state), gold.labels(state, paper)


def gold_draft(paper: GoldPaper) -> Draft:
    """Return a draft whose rows are the annotated ones, named as grouping would name them."""
    state = prepared(paper.paper)
    rows: dict[int, Row] = {}
    shorts = {normal_form(state.surface(a, b)): state.surface(a, b) for a, b, _, _ in state.acronyms}
    for start, end, number in gold.occurrences(state, paper):
        entity = paper.entities[number]
        row = rows.setdefault(number, Row([]))
        row.found.append(Found(start, end, entity.type, 1.0, "gold"))  # type: ignore[arg-type]
        row.keys.add(normal_form(state.surface(start, end)))
    for number in sorted(rows):
        row, entity = rows[number], paper.entities[number]
        row.type, row.role, row.kind = entity.type, entity.role, entity.kind  # type: ignore[assignment]
        row.short = next((shorts[k] for k in sorted(row.keys) if k in shorts), None)
        row.name = grouping.name_of(state, row)
        row.keys |= {normal_form(x) for x in (entity.name, *entity.mentions)}
    state.rows = [rows[n] for n in sorted(rows)]
    consistency.spread(state)
    return state


def found_draft(paper: GoldPaper, tagger: pycrfsuite.Tagger) -> Draft:
    """Return a draft with the rows that a sequence model finds, before they are judged."""
    state = prepared(paper.paper)
    sequence.mark(state, tagger)
    grouping.group(state)
    consistency.spread(state)
    return state


def matched(paper: GoldPaper, state: Draft) -> list[GoldEntity | None]:
    """Return the annotated row of each found row, at most once each."""
    left = list(paper.entities)
    out: list[GoldEntity | None] = []
    for row in state.rows:
        hits = [e for e in left if row.keys & {normal_form(x) for x in (e.name, *e.mentions)}]
        hit = next((e for e in hits if e.type == row.type), hits[0] if hits else None)
        if hit is not None:
            left.remove(hit)
        out.append(hit)
    return out


def typing_cases(papers: Iterable[tuple[GoldPaper, Draft]]) -> Iterator[Case]:
    """Yield each found row and the type that the annotation gives it, or none."""
    for paper, state in papers:
        for row, entity in zip(state.rows, matched(paper, state), strict=True):
            yield [typing.features(state, row)], [typing.NONE if entity is None else entity.type]


def annotate(paper: GoldPaper, state: Draft) -> Draft:
    """Return the draft with the found rows that are annotated, typed and cast as the annotation says."""
    kept = []
    for row, entity in zip(state.rows, matched(paper, state), strict=True):
        if entity is not None:
            row.type, row.role, row.kind = entity.type, entity.role, entity.kind  # type: ignore[assignment]
            row.keys |= {normal_form(x) for x in (entity.name, *entity.mentions)}
            kept.append(row)
    state.rows = kept
    return state


def role_cases(papers: Iterable[tuple[GoldPaper, Draft]]) -> Iterator[Case]:
    """Yield each row's company and its role."""
    for _, state in papers:
        for row in state.rows:
            yield [roles.features(state, row)], [row.role]


def kind_cases(papers: Iterable[tuple[GoldPaper, Draft]]) -> Iterator[Case]:
    """Yield each Benchmark's company and its kind."""
    for _, state in papers:
        for row in state.rows:
            if row.type == "Benchmark" and row.kind:
                yield [roles.kind_features(state, row)], [row.kind]


def relation_cases(papers: Iterable[tuple[GoldPaper, Draft]]) -> Iterator[Case]:
    """Yield each candidate pair and its relation, or none."""
    for paper, state in papers:
        told = {(_key(h), _key(t)): r for h, r, t in paper.relations}
        for head, tail in relations.pairs(state):
            heads = {PAPER_HEAD} if head is None else head.keys
            label = next(
                (told[h, t] for h in sorted(heads) for t in sorted(tail.keys) if (h, t) in told),
                relations.NONE,
            )
            yield [relations.features(state, head, tail)], [label]


def result_cases(papers: Iterable[tuple[GoldPaper, Draft]]) -> Iterator[Case]:
    """Yield each number and whether it is an absolute result, a gain or none."""
    for paper, state in papers:
        told: dict[str, str] = {}
        for result in paper.results:
            for number in results.numbers_in(result[3] or ""):
                told[number] = result[5] or "absolute"
        for place in results.numbers(state):
            digits = state.words[place.token].replace(",", "")
            label = told.get(digits, results.NONE)
            yield [results.features(state, place)], [label]


def _key(name: str) -> str:
    return PAPER_HEAD if name.upper() == PAPER_HEAD else normal_form(name)


if __name__ == "__main__":
    main()
