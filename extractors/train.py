"""Make every weight file of `extractors/data/`: `python -m extractors.train --gold FILE --corpus FILE`.

Steps, each from the files of the steps before: word statistics, classes and vectors from the corpus; sequence
models from the annotated papers; a lexicon of what those models take the names of the corpus for; sequence
models that see the lexicon; then the judgements of types, roles, kinds, relations and results.

Whatever a judgement is trained on was found and judged by models that had not seen that paper: the papers are
cut in three folds, and each step has a model for each fold, trained on the other two.
The same inputs give the same weights on the same machine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import click
import numpy as np
import pycrfsuite

from extractors import (
    acronyms,
    consistency,
    features,
    gold,
    grouping,
    known,
    lexicon,
    relations,
    results,
    roles,
    sequence,
    typing,
)
from extractors.corpus_lexicon import Counts, count_names, make_lexicon, merged
from extractors.corpus_names import make_names
from extractors.corpus_words import make_words, read_corpus
from extractors.crf import LinearChain
from extractors.document import Draft, Found, Row
from extractors.gold import GoldEntity, GoldPaper
from extractors.lexicon import Lexicon
from extractors.measures import Numbers
from extractors.tokens import draft
from extractors.trees import Trees
from extractors.vectors import FILE as VECTORS_FILE
from extractors.weights import CHAIN_SUFFIX, TREES_SUFFIX
from extractors.words import NAMES_FILE, WORDS_FILE
from kg.model import PAPER_HEAD, ROLES, Paper
from kg.names import normal_form

FOLDS = 3
ROUNDS = 500
FOLD_NUMBERS = range(FOLDS + 1)
"""A model for each fold, and one of all papers."""
Judged = tuple[Numbers, list[str | None]]
"""Numbers of some cases, one a row, and the label of each."""
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
    "--more",
    "more_file",
    type=click.Path(exists=True, path_type=Path),
    default=None,
    help="Further annotated papers, to train on only; those as late as the held-out ones are left out.",
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
@click.option("--rounds", type=int, default=ROUNDS, show_default=True, help="Trees of each judgement.")
@click.option("--workers", type=int, default=2, show_default=True, help="Processes at once.")
def main(
    gold_file: Path,
    more_file: Path | None,
    corpus_file: Path | None,
    out: Path,
    hold_out: int,
    work: Path,
    keep_sequence: bool,
    rounds: int,
    workers: int,
) -> None:
    """Train all weights."""
    told = gold.read_papers(gold_file)
    more = gold.read_papers(more_file) if more_file is not None else []
    annotated = {paper.paper.id for paper in (*told, *more)}
    papers = training_papers(told, more, hold_out)
    click.echo(f"{len(papers)} annotated papers to train on", err=True)
    out.mkdir(parents=True, exist_ok=True)
    work.mkdir(parents=True, exist_ok=True)
    if corpus_file is not None and not keep_sequence:
        click.echo("word statistics", err=True)
        corpus = [paper for paper in read_corpus(corpus_file) if paper.id not in annotated]
        words, vectors = make_words(corpus)
        (out / WORDS_FILE).write_bytes(words)
        (out / VECTORS_FILE).write_bytes(vectors)
        (out / NAMES_FILE).write_bytes(make_names(corpus))
        click.echo("sequence models without a lexicon", err=True)
        fit_folds(papers, work, "plain", [None] * FOLDS, workers)
        click.echo("lexicon", err=True)
        make_lexicons(corpus_file, annotated, work, workers)
    names = [lexicon.read((work / f"lexicon{fold}.gz").read_bytes()) for fold in range(FOLDS)]
    (out / lexicon.FILE).write_bytes((work / f"lexicon{FOLDS}.gz").read_bytes())
    if not keep_sequence:
        click.echo("sequence models", err=True)
        fit_folds(papers, work, "sequence", names, workers)
    store(work / f"sequence{FOLDS}.crfsuite", out, sequence.MODEL)
    click.echo("types, roles, kinds, relations, results", err=True)
    fit_judgements(papers, names, out, work, rounds, workers)


def training_papers(told: Sequence[GoldPaper], more: Iterable[GoldPaper], hold_out: int) -> list[GoldPaper]:
    """Return the papers to train on, by id: none of the latest `hold_out` of `told`, none of `more` so late.

    Args:
        told: Annotated papers, by id.
        more: Further ones; one that `told` holds too is passed over.
        hold_out: How many of the latest of `told` are kept aside.
    """
    kept, aside = told[: len(told) - hold_out], told[len(told) - hold_out :]
    known = {paper.paper.id for paper in told}
    earlier = [p for p in more if p.paper.id not in known and not (aside and p.paper.id >= aside[0].paper.id)]
    return sorted([*kept, *earlier], key=lambda paper: paper.paper.id)


def fit_folds(
    papers: Sequence[GoldPaper], work: Path, name: str, names: Sequence[Lexicon | None], workers: int
) -> None:
    """Train a sequence model a fold on all papers but the fold's, and one on all papers (number FOLDS).

    Args:
        papers: The annotated papers; paper number i belongs to fold i modulo FOLDS.
        work: Where the models go, as `<name><fold>.crfsuite`.
        name: Start of the files' names.
        names: The lexicon of each fold, made without the fold's papers.
        workers: Processes at once.
    """
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(_fit_fold, papers, work / f"{name}{n}.crfsuite", n, names) for n in FOLD_NUMBERS]
        for job in jobs:
            click.echo(f"  {job.result().name}", err=True)


def _fit_fold(papers: Sequence[GoldPaper], file: Path, fold: int, names: Sequence[Lexicon | None]) -> Path:
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    for number, paper in enumerate(papers):
        if number % FOLDS != fold:
            state = prepared(paper.paper, names[number % FOLDS])
            trainer.append(features.sequence_features(state), gold.labels(state, paper))
    trainer.set_params({"c1": 0.15, "c2": 0.02, "max_iterations": 80, "feature.minfreq": 2})
    trainer.train(str(file))
    return file


def make_lexicons(corpus: Path, annotated: set[str], work: Path, workers: int) -> None:
    """Write `lexicon<fold>.gz`: what the sequence model of each fold takes the names of the corpus for."""
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(_count_part, corpus, annotated, work, n, workers) for n in range(workers)]
        parts = [job.result() for job in jobs]
    for number in FOLD_NUMBERS:
        counts = merged(part[number] for part in parts)
        (work / f"lexicon{number}.gz").write_bytes(make_lexicon(counts))


def _count_part(corpus: Path, annotated: set[str], work: Path, part: int, parts: int) -> list[Counts]:
    recognizers = [sequence.Recognizer(_chain(work, "plain", number)) for number in FOLD_NUMBERS]
    papers = (p for p in read_corpus(corpus) if p.id not in annotated)
    drafts = (prepared(paper) for number, paper in enumerate(papers) if number % parts == part)
    return count_names(drafts, recognizers)


def _chain(work: Path, name: str, number: int) -> LinearChain:
    return LinearChain.from_crfsuite(work / f"{name}{number}.crfsuite")


def store(file: Path, out: Path, name: str) -> None:
    """Store a model of CRFsuite among the weights."""
    (out / f"{name}{CHAIN_SUFFIX}").write_bytes(LinearChain.from_crfsuite(file).to_bytes())


def fit_judgements(
    papers: Sequence[GoldPaper],
    names: Sequence[Lexicon],
    out: Path,
    work: Path,
    rounds: int = ROUNDS,
    workers: int = 2,
) -> None:
    """Train what judges rows, pairs and numbers, on what the steps before give for papers new to them."""
    found = found_drafts(papers, names, work)
    told = [(paper, gold_draft(paper, names[n % FOLDS])) for n, paper in enumerate(papers)]
    folds = np.arange(len(papers)) % FOLDS

    for _, state in found:
        typing.assume(state)
    cases = [typing_cases(paper, state) for paper, state in found]
    for (_, state), chances in zip(
        found, fit_trees(out, typing.MODEL, typing.LABELS, cases, folds, rounds, workers), strict=True
    ):
        for row, chance in zip(state.rows, chances.tolist(), strict=True):
            row.chances = chance
        typing.keep(state)
    click.echo("  types", err=True)

    cases = [role_cases(paper, state) for paper, state in found]
    extra = [role_cases(paper, state) for paper, state in told]
    twice = np.concatenate([folds, folds])
    judged = fit_trees(out, roles.MODEL, ROLES, cases + extra, twice, rounds, workers)
    for number, ((_, state), chances) in enumerate(zip(found + told, judged, strict=True)):
        for row, chance in zip(state.rows, chances.tolist(), strict=True):
            if number < len(found):
                roles.cast(state, row, chance)
            else:
                row.role_chances = chance
    click.echo("  roles", err=True)

    cases = [relation_cases(paper, state) for paper, state in found + told]
    fit_trees(out, relations.MODEL, relations.LABELS, cases, twice, rounds, workers)
    click.echo("  relations", err=True)
    fit_chain(out, roles.KIND_MODEL, kind_cases(told), c1=0.1, c2=0.3, rounds=150, least=1)
    fit_chain(out, results.MODEL, result_cases(told + found), c1=0.1, c2=0.8, rounds=150, least=2)


def fit_trees(
    out: Path,
    name: str,
    labels: Sequence[str],
    cases: Sequence[tuple[Numbers, list[str | None]]],
    folds: Any,
    rounds: int,
    workers: int,
) -> list[Any]:
    """Train trees on all cases and store them; judge each paper's cases by trees of the other folds.

    Args:
        out: Folder of the weights.
        name: Name of the model.
        labels: All labels.
        cases: For each paper the numbers of its cases and their labels; a case without label only gets an
            answer.
        folds: The fold of each paper.
        rounds: How many trees.
        workers: Processes at once.

    Returns:
        For each paper the probabilities of the labels, shape (cases, labels).
    """
    numbers = np.concatenate([c[0] for c in cases if len(c[0])])
    told = [label for _, of_paper in cases for label in of_paper]
    classes = np.array([-1 if label is None else labels.index(label) for label in told])
    fold = np.repeat(folds, [len(c[1]) for c in cases])
    answers = np.zeros((len(numbers), len(labels)))
    chosen = [(fold != number) & (classes >= 0) for number in FOLD_NUMBERS]
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(_fit, numbers[rows], classes[rows], tuple(labels), rounds) for rows in chosen]
        *others, trees = [job.result() for job in jobs]
    for number, of_others in enumerate(others):
        answers[fold == number] = of_others.probabilities(numbers[fold == number])
    (out / f"{name}{TREES_SUFFIX}").write_bytes(trees.to_bytes())
    return np.split(answers, np.cumsum([len(c[1]) for c in cases])[:-1])


def _fit(numbers: Numbers, classes: Any, labels: tuple[str, ...], rounds: int) -> Trees:
    from catboost import CatBoostClassifier

    present = np.unique(classes)
    model = CatBoostClassifier(
        iterations=rounds,
        depth=6,
        learning_rate=0.07,
        l2_leaf_reg=8,
        rsm=0.3,
        loss_function="MultiClass",
        bootstrap_type="Bernoulli",
        subsample=0.8,
        border_count=64,
        random_seed=1,
        thread_count=1,
        allow_writing_files=False,
        verbose=False,
    )
    model.fit(numbers, np.searchsorted(present, classes))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trees.json"
        model.save_model(str(file), format="json")
        return Trees.from_catboost(file, labels, present)


def fit_chain(
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
        store(file, out, name)


def prepared(paper: Paper, names: Lexicon | None = None) -> Draft:
    """Return the draft of a paper as the sequence model meets it."""
    state = draft(paper)
    acronyms.mark(state)
    known.mark(state)
    if names is not None:
        lexicon.mark(state, names)
    return state


def gold_draft(paper: GoldPaper, names: Lexicon) -> Draft:
    """Return a draft whose rows are the annotated ones, named as grouping would name them."""
    state = prepared(paper.paper, names)
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
    typing.assume(state)
    return state


def found_drafts(
    papers: Sequence[GoldPaper], names: Sequence[Lexicon], work: Path
) -> list[tuple[GoldPaper, Draft]]:
    """Return each paper with the rows that a sequence model new to it finds, before they are judged."""
    out: dict[int, Draft] = {}
    for fold in range(FOLDS):
        recognizer = sequence.Recognizer(_chain(work, "sequence", fold))
        for number in range(fold, len(papers), FOLDS):
            state = prepared(papers[number].paper, names[fold])
            recognizer([state])
            grouping.group(state)
            consistency.spread(state)
            out[number] = state
    return [(paper, out[number]) for number, paper in enumerate(papers)]


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


def typing_cases(paper: GoldPaper, state: Draft) -> Judged:
    """Return the numbers of each found row and the type that the annotation gives it, or none."""
    labels: list[str | None] = [
        typing.NONE if entity is None else entity.type for entity in matched(paper, state)
    ]
    return np.array([row.numbers for row in state.rows], np.float32), labels


def role_cases(paper: GoldPaper, state: Draft) -> Judged:
    """Return the numbers of each row and its role; no role for a row that is not annotated."""
    if not state.rows:
        return np.zeros((0, 0), np.float32), []
    labels = [None if entity is None else entity.role for entity in matched(paper, state)]
    return roles.numbers(state), labels


def kind_cases(papers: Iterable[tuple[GoldPaper, Draft]]) -> Iterator[Case]:
    """Yield each Benchmark's company and its kind."""
    for _, state in papers:
        for row in state.rows:
            if row.type == "Benchmark" and row.kind:
                yield [roles.kind_features(state, row)], [row.kind]


def relation_cases(paper: GoldPaper, state: Draft) -> Judged:
    """Return the numbers of each candidate pair and its relation, or none."""
    judged = list(relations.pairs(state))
    if not judged:
        return np.zeros((0, 0), np.float32), []
    entities = {id(r): e for r, e in zip(state.rows, matched(paper, state), strict=True)}
    told = {(_key(paper, h), _key(paper, t)): r for h, r, t in paper.relations}

    def key(row: Row | None) -> str:
        if row is None:
            return PAPER_HEAD
        entity = entities[id(row)]
        return normal_form(row.name if entity is None else entity.name)

    labels: list[str | None] = [told.get((key(head), key(tail)), relations.NONE) for head, tail in judged]
    return relations.numbers(state, judged), labels


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


def _key(paper: GoldPaper, name: str) -> str:
    """Return the normal form of the annotated row that a name of a relation means."""
    if name.upper() == PAPER_HEAD:
        return PAPER_HEAD
    form = normal_form(name)
    entities = paper.entities
    meant = next((e for e in entities if form in map(normal_form, (e.name, *e.mentions))), None)
    return form if meant is None else normal_form(meant.name)


if __name__ == "__main__":
    main()
