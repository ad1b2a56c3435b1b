"""What the paper does with each entity: a logistic regression over the places where the entity stands."""

from __future__ import annotations

from extractors import weights
from extractors.cues import NOUN_CLASS, VERB_CLASS
from extractors.document import Draft, Row
from extractors.features import is_namelike, shape
from extractors.sequence import CORE
from extractors.words import word_features
from kg.model import Role

MODEL = "roles"
KIND_MODEL = "kinds"
_WINDOW = 6


def row_places(row: Row) -> list[tuple[int, int]]:
    """Return the different token ranges of a row, in order."""
    return list(dict.fromkeys((f.start, f.end) for f in row.found))


def features(draft: Draft, row: Row) -> list[str]:
    """Return the feature strings of a row's company."""
    out = {f"t={row.type}"}
    places = row_places(row)
    words, lower, sentence = draft.words, draft.lower, draft.sentence
    last_sentence = sentence[-1] if sentence else 0
    out.add(f"k={min(len(places), 5)}")
    if row.short is not None:
        out.add("acr")
    first = next((p for p in places if p[0] >= draft.num_title), None)
    if first is None:
        out.add("titleonly")
    else:
        out.add(f"pos={4 * sentence[first[0]] // (last_sentence + 1)}")
        out.add(f"last={4 * sentence[places[-1][0]] // (last_sentence + 1)}")
    for start, end in places:
        inside = [w for w in words[start:end] if is_namelike(w)]
        for word in inside[:3]:
            statistics = word_features().get(word)
            out.add(statistics[0] if statistics else "df=0")
            if statistics:
                out.add(statistics[3])
            out.add(f"sh={shape(word)}")
        if len(places) <= 2 and end - start == 1:
            out.add(f"w={words[start]}")
        if start in draft.known:
            out.add("known")
        if start < draft.num_title:
            out.add("title")
            if start == 0:
                out.add("title0")
            if end < draft.num_title and words[end] == ":":
                out.add("title:")
            for j in range(max(0, start - 2), start):
                out.add(f"tb={lower[j]}")
            continue
        number = sentence[start]
        for j in range(start - 1, max(start - _WINDOW - 1, -1), -1):
            if sentence[j] != number:
                break
            distance = "1" if start - j == 1 else "3" if start - j <= 3 else "6"
            if start - j <= 2:
                out.add(f"b{start - j}={lower[j]}")
            if lower[j] in VERB_CLASS:
                out.add(f"bv{distance}={VERB_CLASS[lower[j]]}")
                out.add(f"bw={lower[j]}")
            if lower[j] in NOUN_CLASS:
                out.add(f"bn={NOUN_CLASS[lower[j]]}")
        for j in range(end, min(end + _WINDOW, len(words))):
            if sentence[j] != number:
                break
            distance = "1" if j == end else "3" if j - end < 3 else "6"
            if j - end < 2:
                out.add(f"a{j - end}={lower[j]}")
            if lower[j] in VERB_CLASS:
                out.add(f"av{distance}={VERB_CLASS[lower[j]]}")
                out.add(f"aw={lower[j]}")
            if lower[j] in NOUN_CLASS:
                out.add(f"an={NOUN_CLASS[lower[j]]}")
        begin, stop = draft.sentence_range(start)
        out.add("head=" + "_".join(lower[begin : begin + 2]))
        for j in range(begin, stop):
            low = lower[j]
            if low in {
                "we",
                "our",
                "this",
                "experiments",
                "existing",
                "recent",
                "however",
                "code",
                "available",
            }:
                out.add(f"s={low}" + ("<" if j < start else ">"))
            elif low in VERB_CLASS and VERB_CLASS[low] in {"intro", "cmp"}:
                out.add(f"sv={VERB_CLASS[low]}" + ("<" if j < start else ">"))
    out |= {f"{row.type}&{f}" for f in out if f[:2] in {"b1", "bv", "av", "df", "ti", "bw", "sv"}}
    return sorted(out)


def settle(draft: Draft) -> None:
    """Give each row its role, and each Benchmark its kind."""
    for row in draft.rows:
        seen = features(draft, row)
        chances = weights.probabilities(MODEL, seen)
        allowed: tuple[Role, ...] = (
            ("introduces", "uses", "evaluates_on", "compares_to", "mentions")
            if row.type in CORE
            else ("uses", "evaluates_on", "mentions")
        )
        row.role = max(allowed, key=lambda r: chances.get(r, 0.0))
        row.role_probability = chances.get(row.role, 0.0)
        if row.type == "Benchmark":
            kinds = weights.probabilities(KIND_MODEL, kind_features(draft, row))
            row.kind = max(("benchmark", "dataset", "environment"), key=lambda k: kinds.get(k, 0.0))


def kind_features(draft: Draft, row: Row) -> list[str]:
    """Return the feature strings that tell a benchmark from a dataset and an environment."""
    out: set[str] = set()
    for start, end in row_places(row):
        out.update(f"w={w}" for w in draft.lower[start:end])
        out.add(f"x={draft.lower[end - 1][-5:]}")
        around = [*range(max(0, start - 3), start), *range(end, min(end + 5, len(draft.words)))]
        for j in around:
            if draft.lower[j] in NOUN_CLASS:
                out.add(f"n={draft.lower[j]}")
                out.add(f"c={NOUN_CLASS[draft.lower[j]]}")
        if end < len(draft.words):
            out.add(f"a={draft.lower[end]}")
    return sorted(out) or ["none"]
