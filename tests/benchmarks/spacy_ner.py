"""spaCy's own named entity recogniser, trained on the same annotated papers, as something to compare with.

    python -m tests.benchmarks.spacy_ner --gold train.jsonl

The configuration is the one that `spacy init config --lang en --pipeline ner --optimize efficiency` gives (a
tok2vec of hashed word forms, width 96, depth 4, and a transition-based recogniser; dropout 0.1, patience
1,600 steps). Only the seed and the number of steps are set here. The checkpoint that does best on
`VALIDATION` of the training papers is kept.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from extractors.gold import GoldPaper, read_papers
from kg.model import Paper
from kg.names import normal_form
from tests.benchmarks.contestants import FACTS, MODEL
from tests.benchmarks.papers import HELD_OUT, text_of

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

VALIDATION: Final = 90
"""How many of the training papers, the latest, choose the checkpoint instead of training it."""
STEPS: Final = 4500
"""Three passes over the papers, seven minutes on one idle core."""
SEED: Final = 0


def group(ents: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return one row for each normal form of what was found: its type by vote, the earliest of equals.

    Args:
        ents: text and type of each place, in the order of the paper.

    Returns:
        Entities as `kg.evaluate` reads them; there is no role.

    >>> group([("GRPO", "Model"), ("LoRA", "Method"), ("grpo", "Method"), ("GRPO", "Method")])
    [{'name': 'GRPO', 'type': 'Method', 'role': None, 'mentions': ['GRPO', 'grpo']}, \
{'name': 'LoRA', 'type': 'Method', 'role': None, 'mentions': ['LoRA']}]
    """
    names: dict[str, list[str]] = {}
    types: dict[str, Counter[str]] = {}
    for text, type_ in ents:
        key = normal_form(text)
        if key:
            names.setdefault(key, []).append(text)
            types.setdefault(key, Counter())[type_] += 1
    return [
        {
            "name": surfaces[0],
            "type": types[key].most_common(1)[0][0],
            "role": None,
            "mentions": list(dict.fromkeys(surfaces)),
        }
        for key, surfaces in names.items()
    ]


def predict(nlp: Language, papers: Sequence[Paper]) -> list[dict[str, Any]]:
    """Return the extraction row of each paper, by the entities that a spaCy pipeline finds in one batch."""
    docs = nlp.pipe(text_of(paper) for paper in papers)
    return [
        {"title": paper.title, "entities": group((ent.text, ent.label_) for ent in doc.ents)}
        for paper, doc in zip(papers, docs, strict=True)
    ]


def load(folder: Path) -> Language:
    """Return the trained pipeline."""
    import spacy

    return spacy.load(folder / "model-best")


def annotated_docs(nlp: Language, papers: Iterable[GoldPaper], lost: Counter[str]) -> Iterator[Doc]:
    """Yield the document of each paper with its annotated entities, longest first, apart.

    Args:
        nlp: whose tokenizer cuts the text.
        papers: annotated papers.
        lost: counts `kept` places and those `misaligned`, which start or end inside a token.
    """
    from spacy.util import filter_spans

    for paper in papers:
        doc = nlp.make_doc(text_of(paper.paper))
        spans = []
        for entity in paper.entities:
            for mention in entity.mentions:
                for match in re.finditer(rf"(?<!\w){re.escape(mention)}(?!\w)", doc.text):
                    span = doc.char_span(*match.span(), label=entity.type)
                    lost["misaligned" if span is None else "kept"] += 1
                    if span is not None:
                        spans.append(span)
        doc.ents = filter_spans(spans)
        yield doc


def train(papers: Sequence[GoldPaper], out: Path, *, steps: int = STEPS, seed: int = SEED) -> dict[str, Any]:
    """Train the recogniser, store it under `out` and return how it was trained."""
    import spacy
    from spacy.cli.init_config import init_config
    from spacy.tokens import DocBin
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import train as run

    started = time.perf_counter()
    out.mkdir(parents=True, exist_ok=True)
    (out / FACTS.name).unlink(missing_ok=True)
    blank = spacy.blank("en")
    lost: Counter[str] = Counter()
    parts = {"train": papers[:-VALIDATION], "dev": papers[-VALIDATION:]}
    for name, part in parts.items():
        DocBin(docs=annotated_docs(blank, part, lost)).to_disk(out / f"{name}.spacy")
    config = init_config(lang="en", pipeline=["ner"], optimize="efficiency", silent=True)
    config["paths"].update({name: str(out / f"{name}.spacy") for name in parts})
    config["system"]["seed"] = seed
    config["training"]["max_steps"] = steps
    nlp = init_nlp(config)
    run(nlp, out, stdout=sys.stderr, stderr=sys.stderr)
    facts = {
        "spacy": version("spacy"),
        "papers": len(parts["train"]),
        "validation": len(parts["dev"]),
        "max_steps": steps,
        "dropout": config["training"]["dropout"],
        "seed": seed,
        "places": lost["kept"],
        "misaligned": lost["misaligned"],
        "seconds": round(time.perf_counter() - started),
    }
    (out / FACTS.name).write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return facts


@click.command()
@click.option("--gold", type=click.Path(exists=True, path_type=Path), required=True, help="Annotated papers.")
@click.option("--out", type=click.Path(path_type=Path), default=MODEL, help="Folder for the model.")
@click.option("--steps", default=STEPS, show_default=True, help="Most steps of training.")
@click.option("--seed", default=SEED, show_default=True, help="Seed of the random numbers.")
def main(gold: Path, out: Path, steps: int, seed: int) -> None:
    """Train spaCy's recogniser on all annotated papers but the latest."""
    facts = train(read_papers(gold)[:-HELD_OUT], out, steps=steps, seed=seed)
    click.echo(json.dumps(facts), err=True)


if __name__ == "__main__":
    main()
