"""Annotation and extraction of one paper, side by side: which rows are the same."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kg.errors import SourceError
from kg.model import PAPER_HEAD

CORE: Final = ("Method", "Model", "Benchmark", "Organization")
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
Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity row of either side; `keys` are its name and surface forms as they are compared."""

    name: str
    type: str
    role: str | None
    surfaces: tuple[str, ...]
    keys: frozenset[str]
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A relation or a result of either side as it stands there; `evidence` has field, start and end."""

    text: str
    kind: str
    names: tuple[str, ...]
    evidence: Row | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One paper on both sides.

    `core` holds no prediction that the annotation has as Concept, Task or Metric. Pairs are positions in
    the annotated and the predicted rows; relations stand under the keys on which they are compared.
    """

    title: str
    is_predicted: bool
    gold_core: tuple[Entity, ...]
    gold_soft: tuple[Entity, ...]
    core: tuple[Entity, ...]
    soft: tuple[Entity, ...]
    core_pairs: tuple[tuple[int, int], ...]
    gold_relations: Mapping[Triple, Statement]
    relations: Mapping[Triple, Statement]
    gold_results: tuple[Statement, ...]
    results: tuple[Statement, ...]
    result_pairs: tuple[tuple[int, int], ...]


def read_gold(path: Path | str) -> list[dict[str, Any]]:
    """Return the annotated papers of a JSON Lines file, as they stand.

    Raises:
        SourceError: if a line is no UTF-8, or no JSON object with `title` and `ents`.
    """
    return list(_read_rows(path, "an annotated paper", "ents"))


def read_predicted(path: Path | str) -> list[dict[str, Any]]:
    """Return the extractions of a JSON Lines file, as they stand.

    Raises:
        SourceError: if a line is no UTF-8, or no JSON object with `title` and `entities`.
    """
    return list(_read_rows(path, "an extraction", "entities"))


def _read_rows(path: Path | str, what: str, key: str) -> Iterator[dict[str, Any]]:
    with Path(path).open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line.decode())
            except UnicodeDecodeError as error:
                raise SourceError("no JSON Lines: not UTF-8 text", file=str(path), line=number) from error
            except json.JSONDecodeError as error:
                raise SourceError(f"no JSON: {error.msg}", file=str(path), line=number) from error
            if not isinstance(row, dict) or "title" not in row or key not in row:
                raise SourceError(f"{what} needs `title` and `{key}`", file=str(path), line=number)
            if not isinstance(row["title"], str) or not isinstance(row[key], list):
                reason = f"{what} needs a text as `title` and a list as `{key}`"
                raise SourceError(reason, file=str(path), line=number)
            yield row


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


def compare(gold_rows: Iterable[Row], extractions: Iterable[Row]) -> Iterator[Comparison]:
    """Yield each annotated paper beside its extraction, joined on the title, in the order of the annotation.

    >>> gold = {"title": "T", "ents": [["GRPO", "Method", "uses", ["GRPO"], None]]}
    >>> [one.is_predicted for one in compare([gold], [{"title": "t!", "entities": []}])]
    [True]
    """
    predicted = {title_of(row): row for row in extractions}
    for row in gold_rows:
        found = predicted.get(title_of(row))
        yield _compare(row, found or {}, is_predicted=found is not None)


def match(
    gold: Sequence[Entity],
    found: Sequence[Entity],
    same: Callable[[Entity, Entity], bool] = lambda a, b: True,
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


def digits(value: object) -> str:
    """Return the number in a value as written.

    >>> digits("+4.5 %")
    '4.5'
    """
    return re.sub(r"[^0-9.]", "", str(value)).strip(".")


def _compare(gold: Row, found: Row, *, is_predicted: bool) -> Comparison:
    annotated = [_entity(e[0], e[1], e[2], e[3]) for e in gold["ents"]]
    predicted = [
        _entity(e["name"], e["type"], e.get("role"), e.get("mentions") or (), e.get("confidence"))
        for e in found.get("entities") or ()
    ]
    gold_core = tuple(e for e in annotated if e.type in CORE)
    gold_soft = tuple(e for e in annotated if e.type not in CORE)
    core_keys, soft_keys = keys_of(gold_core), keys_of(gold_soft)
    core = tuple(e for e in predicted if e.type in CORE and (e.keys & core_keys or not e.keys & soft_keys))
    gold_results = tuple(_gold_result(row) for row in gold.get("results") or ())
    results = tuple(_result(row) for row in found.get("results") or ())
    return Comparison(
        title=gold["title"],
        is_predicted=is_predicted,
        gold_core=gold_core,
        gold_soft=gold_soft,
        core=core,
        soft=tuple(e for e in predicted if e.type not in CORE),
        core_pairs=tuple(match(gold_core, core, lambda a, b: a.type == b.type)),
        gold_relations={
            (_resolve(h, annotated), r, _resolve(t, annotated)): Statement(f"{h} {r} {t}", r, (h, t))
            for h, r, t in gold.get("rels") or ()
        },
        relations={
            (
                _resolve(r["head"], annotated, predicted),
                r["type"],
                _resolve(r["tail"], annotated, predicted),
            ): _relation(r)
            for r in found.get("relations") or ()
        },
        gold_results=gold_results,
        results=results,
        result_pairs=tuple(_match_results(gold_results, results)),
    )


def keys_of(entities: Iterable[Entity]) -> frozenset[str]:
    """Return the keys of all entities together."""
    return frozenset[str]().union(*(e.keys for e in entities))


def _entity(
    name: str, type_: str, role: str | None, mentions: Iterable[str], confidence: float | None = None
) -> Entity:
    surfaces = tuple(mentions) or (name,)
    keys = frozenset(key for key in map(key_of, (name, *surfaces)) if key)
    return Entity(name, _OTHER_TYPE_NAMES.get(type_, type_), role, surfaces, keys, confidence)


def _relation(row: Row) -> Statement:
    head, type_, tail = row["head"], row["type"], row["tail"]
    text = f"{head} {type_} {tail}"
    return Statement(text, type_, (head, tail), row.get("evidence"), row.get("confidence"))


def _gold_result(row: Sequence[Any]) -> Statement:
    return _figure(row[3], row[1], row[5] if len(row) > 5 else None)


def _result(row: Row) -> Statement:
    figure = _figure(row.get("value"), row.get("benchmark"), row.get("kind"))
    return Statement(figure.text, figure.kind, figure.names, row.get("evidence"), row.get("confidence"))


def _figure(value: object, benchmark: str | None, kind: str | None) -> Statement:
    names = (str(value), benchmark) if benchmark else (str(value),)
    return Statement(" on ".join(names), kind or "unspecified", names)


def _table(entities: Iterable[Entity]) -> dict[str, str]:
    table: dict[str, str] = {}
    for entity in entities:
        for key in entity.keys:
            table.setdefault(key, key_of(entity.name))
    return table


def _resolve(name: str, annotated: Sequence[Entity], predicted: Sequence[Entity] = ()) -> str:
    """Return the key of the annotated row that a name means, by itself or as an alias of a prediction."""
    if str(name).upper() == PAPER_HEAD:
        return PAPER_HEAD
    key, table = key_of(name), _table(annotated)
    if key in table:
        return table[key]
    aliases: frozenset[str] = next((e.keys for e in reversed(predicted) if key in e.keys), frozenset())
    return next((table[k] for k in sorted(aliases) if k in table), key)


def _match_results(gold: Sequence[Statement], found: Sequence[Statement]) -> Iterator[tuple[int, int]]:
    """Pair each annotated result with the first free prediction of its number and, where given, benchmark."""
    free = list(range(len(found)))
    for i, result in enumerate(gold):
        hit = next((j for j in free if _same_result(result, found[j])), None)
        if hit is not None:
            free.remove(hit)
            yield i, hit


def _same_result(one: Statement, other: Statement) -> bool:
    return digits(one.names[0]) == digits(other.names[0]) and _meet(_benchmark(one), _benchmark(other))


def _benchmark(result: Statement) -> str | None:
    return key_of(result.names[1]) if len(result.names) > 1 else None


def _meet(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one in other or other in one
