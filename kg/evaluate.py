"""Scores of extractions against annotated papers.

Rows of both sides are joined on the title. An entity matches when a name or mention of one side equals a
name or mention of the other in its key form; each annotated row is matched at most once. What is counted:

- core: Method, Model, Benchmark, Organization by name and type (`lenient`: Method and Model are one type;
  `untyped`: name only). A prediction that the annotation holds as Concept, Task or Metric counts neither way.
- introduces: the core rows of that role; role accuracy: over the core matches.
- soft: Concept, Task and Metric together, name only.
- relations: (head, relation, tail), an alias standing for its row.
- results: number, and benchmark where given.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kg.errors import SourceError
from kg.model import PAPER_HEAD

CORE: Final = ("Method", "Model", "Benchmark", "Organization")
MEASURES: Final = (
    "core",
    "lenient",
    "untyped",
    *CORE,
    "introduces",
    "soft",
    "relations",
    "results",
)
_OTHER_TYPE_NAMES: Final = {
    "Dataset": "Benchmark",
    "Environment": "Benchmark",
    "Simulator": "Benchmark",
    "Organisation": "Organization",
    "Org": "Organization",
}
_GREEK: Final = {
    "π": "pi", "∞": "infty", "τ": "tau", "α": "alpha", "β": "beta", "λ": "lambda", "γ": "gamma",
    "ε": "epsilon", "μ": "mu", "φ": "phi", "σ": "sigma", "θ": "theta", "δ": "delta",
    "κ": "kappa", "ω": "omega",
}  # fmt: skip
_STYLE: Final = re.compile(
    r"\\(?:text|math|emph|textbf|textit|textsc|texttt|mathrm|mathcal|mathbf|boldsymbol)[a-z]*\s*\{([^{}]*)\}"
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tally:
    """True positives, false positives, false negatives of one measure."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return the sum of two tallies."""
        return Tally(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """Share of the predicted that is right; 0 where nothing was predicted."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """Share of the annotated that was found; 0 where nothing was annotated."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall.

        >>> round(Tally(tp=1, fp=1, fn=0).f1, 3), Tally().f1
        (0.667, 0.0)
        """
        p, r = self.precision, self.recall
        return 2 * p * r / (p + r) if p + r else 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """All measures over a set of papers."""

    papers: int = 0
    not_predicted: int = 0
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    roles_right: int = 0
    roles_total: int = 0

    @property
    def role_accuracy(self) -> float:
        """Share of the core matches whose role is right too."""
        return self.roles_right / self.roles_total if self.roles_total else 0.0


@dataclass(frozen=True, slots=True)
class _Entity:
    name: str
    type: str
    role: str | None
    keys: frozenset[str]


def read_gold(path: Path | str) -> list[dict[str, Any]]:
    """Return the annotated papers of a JSON Lines file, as they stand.

    Raises:
        SourceError: if a line is no JSON object with `title` and `ents`.
    """
    rows = []
    with Path(path).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise SourceError(f"no JSON: {error.msg}", file=str(path), line=number) from error
            if not isinstance(row, dict) or "title" not in row or "ents" not in row:
                reason = "an annotated paper needs `title` and `ents`"
                raise SourceError(reason, file=str(path), line=number)
            rows.append(row)
    return rows


def key_of(name: str) -> str:
    r"""Return the form in which names are compared: ASCII letters, digits, `+`, `*`; no plural `s`.

    >>> key_of("Meta-World"), key_of(r"\textbf{LLaMAs}"), key_of("$\\pi_0$"), key_of("π0"), key_of("BLIPS")
    ('metaworld', 'llama', 'pi0', 'pi0', 'blip')
    """
    text = unicodedata.normalize("NFKC", str(name))
    for letter, spelled in _GREEK.items():
        text = text.replace(letter, spelled)
    text = re.sub(r"[^0-9a-z+*]", "", _STYLE.sub(r"\1", text).casefold())
    return text[:-1] if len(text) > 4 and text.endswith("s") and not text.endswith("ss") else text


def title_of(row: Row) -> str:
    """Return the key on which annotation and extraction of one paper are joined."""
    return re.sub(r"[^0-9a-z]", "", unicodedata.normalize("NFKC", row["title"]).casefold())


def score(gold_rows: Iterable[Row], extractions: Iterable[Row]) -> Scores:
    """Return the scores of extractions (JSON objects as `kg.extraction_json.to_json` makes them).

    >>> gold = [{"title": "T", "ents": [["GRPO", "Method", "uses", ["GRPO"], None]]}]
    >>> found = [{"title": "t!", "entities": [{"name": "GRPO", "type": "Method", "role": "uses"}]}]
    >>> scores = score(gold, found)
    >>> scores.tallies["core"], scores.role_accuracy
    (Tally(tp=1, fp=0, fn=0), 1.0)
    """
    predicted = {title_of(row): row for row in extractions}
    tallies = dict.fromkeys(MEASURES, Tally())
    papers = missing = right = total = 0
    for row in gold_rows:
        papers += 1
        found = predicted.get(title_of(row))
        missing += found is None
        one, roles = _score_paper(row, found or {})
        for measure, tally in one.items():
            tallies[measure] += tally
        right += sum(roles)
        total += len(roles)
    return Scores(papers, missing, tallies, right, total)


def format_scores(scores: Scores) -> str:
    """Return the scores as a table for people, one measure a line."""
    lines = [f"papers {scores.papers}  not predicted {scores.not_predicted}"]
    for measure in MEASURES:
        t = scores.tallies.get(measure, Tally())
        lines.append(
            f"{measure:13s} P {_round(t.precision):.3f}  R {_round(t.recall):.3f}  F1 {_round(t.f1):.3f}"
            f"   (tp {t.tp} fp {t.fp} fn {t.fn})"
        )
    lines.append(f"role accuracy on core matches {_round(scores.role_accuracy):.3f}")
    return "\n".join(lines)


def scores_object(scores: Scores) -> dict[str, Any]:
    """Return the scores as plain values for JSON: each measure with p, r, f1, tp, fp, fn.

    >>> scores_object(Scores(papers=1))["role_accuracy"]
    0.0
    """
    measures = {name: scores.tallies.get(name, Tally()) for name in MEASURES}
    return {
        "papers": scores.papers,
        "not_predicted": scores.not_predicted,
        **{
            name: {
                "p": _round(t.precision),
                "r": _round(t.recall),
                "f1": _round(t.f1),
                "tp": t.tp,
                "fp": t.fp,
                "fn": t.fn,
            }
            for name, t in measures.items()
        },
        "role_accuracy": _round(scores.role_accuracy),
    }


def _round(value: float) -> float:
    """Round to four places, as figures are kept, before they are shown with three."""
    return round(value, 4)


def _score_paper(gold: Row, found: Row) -> tuple[dict[str, Tally], list[bool]]:
    annotated = [_entity(e[0], e[1], e[2], e[3]) for e in gold["ents"]]
    predicted = [
        _entity(e["name"], e["type"], e.get("role"), e.get("mentions") or ())
        for e in found.get("entities") or ()
    ]
    gold_core = [e for e in annotated if e.type in CORE]
    gold_soft = [e for e in annotated if e.type not in CORE]
    core_keys = frozenset[str]().union(*(e.keys for e in gold_core))
    soft_keys = frozenset[str]().union(*(e.keys for e in gold_soft))
    core = [e for e in predicted if e.type in CORE and (e.keys & core_keys or not e.keys & soft_keys)]
    soft = [e for e in predicted if e.type not in CORE]

    strict = _match(gold_core, core, lambda a, b: a.type == b.type)
    hit_gold, hit_found = {a for a, _ in strict}, {b for _, b in strict}
    tallies = {
        "core": _tally(len(strict), core, gold_core),
        "lenient": _tally(len(_match(gold_core, core, lambda a, b: _fold(a) == _fold(b))), core, gold_core),
        "untyped": _tally(len(_match(gold_core, core)), core, gold_core),
        "soft": _tally(len(_match(gold_soft, soft)), soft, gold_soft),
    }
    for type_ in CORE:
        of_gold = [i for i, e in enumerate(gold_core) if e.type == type_]
        of_found = [i for i, e in enumerate(core) if e.type == type_]
        hits = sum(i in hit_gold for i in of_gold)
        missed = sum(i not in hit_found for i in of_found)
        tallies[type_] = Tally(hits, missed, len(of_gold) - hits)
    new_gold = [e for e in gold_core if e.role == "introduces"]
    new = [e for e in core if e.role == "introduces"]
    tallies["introduces"] = _tally(len(_match(new_gold, new)), new, new_gold)

    relations = {(_resolve(h, annotated), r, _resolve(t, annotated)) for h, r, t in gold.get("rels") or ()}
    told = {
        (_resolve(r["head"], annotated, predicted), r["type"], _resolve(r["tail"], annotated, predicted))
        for r in found.get("relations") or ()
    }
    tallies["relations"] = _tally(len(relations & told), told, relations)
    tallies["results"] = _score_results(gold.get("results") or (), found.get("results") or ())
    return tallies, [gold_core[a].role == core[b].role for a, b in strict]


def _entity(name: str, type_: str, role: str | None, mentions: Iterable[str]) -> _Entity:
    keys = frozenset(key for key in map(key_of, (name, *mentions)) if key)
    return _Entity(name, _OTHER_TYPE_NAMES.get(type_, type_), role, keys)


def _fold(entity: _Entity) -> str:
    return "Method" if entity.type == "Model" else entity.type


def _tally(hits: int, found: Sequence[object] | set[Any], gold: Sequence[object] | set[Any]) -> Tally:
    return Tally(hits, len(found) - hits, len(gold) - hits)


def _match(
    gold: Sequence[_Entity],
    found: Sequence[_Entity],
    same: Callable[[_Entity, _Entity], bool] = lambda a, b: True,
) -> list[tuple[int, int]]:
    """Pair each annotated row with the first free prediction that shares a key and passes `same`."""
    free = list(range(len(found)))
    pairs = []
    for i, entity in enumerate(gold):
        hit = next((j for j in free if entity.keys & found[j].keys and same(entity, found[j])), None)
        if hit is not None:
            free.remove(hit)
            pairs.append((i, hit))
    return pairs


def _table(entities: Iterable[_Entity]) -> dict[str, str]:
    table: dict[str, str] = {}
    for entity in entities:
        for key in entity.keys:
            table.setdefault(key, key_of(entity.name))
    return table


def _resolve(name: str, annotated: Sequence[_Entity], predicted: Sequence[_Entity] = ()) -> str:
    """Return the key of the annotated row that a name means, by itself or as an alias of a prediction."""
    if str(name).upper() == PAPER_HEAD:
        return PAPER_HEAD
    key, table = key_of(name), _table(annotated)
    if key in table:
        return table[key]
    aliases: frozenset[str] = next((e.keys for e in reversed(predicted) if key in e.keys), frozenset())
    return next((table[k] for k in sorted(aliases) if k in table), key)


def _score_results(gold: Iterable[Sequence[Any]], found: Iterable[Row]) -> Tally:
    left = [(_digits(r.get("value")), key_of(r["benchmark"]) if r.get("benchmark") else None) for r in found]
    total = len(left)
    hits = count = 0
    for row in gold:
        count += 1
        value, benchmark = _digits(row[3]), key_of(row[1]) if row[1] else None
        hit = next((r for r in left if r[0] == value and _meet(benchmark, r[1])), None)
        if hit is not None:
            left.remove(hit)
            hits += 1
    return Tally(hits, total - hits, count - hits)


def _meet(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one in other or other in one


def _digits(value: object) -> str:
    return re.sub(r"[^0-9.]", "", str(value)).strip(".")
