"""What each row is, judged once over all its places: one of the types, or nothing worth a row.

The sequence model votes place by place; here its votes meet the nouns that the whole paper and the corpus
give the name.
"""

from __future__ import annotations

from typing import Final

from extractors import weights
from extractors.cues import INTRODUCE, NOUN_CLASS
from extractors.document import Draft, Row
from extractors.features import is_namelike, shape
from extractors.sequence import CORE
from extractors.words import name_features, word_features
from kg.model import ENTITY_TYPES

MODEL = "types"
NONE: Final = "none"
LEAST_CORE = 0.38
"""A core row is kept if all core types together are at least so likely."""
LEAST_SOFT = 0.34
"""The same for Concept, Task and Metric."""
_STEPS = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97)
_HARDWARE: Final = frozenset(
    [
        "gpu",
        "gpus",
        "cpu",
        "cpus",
        "tpu",
        "tpus",
        "rtx",
        "a100",
        "h100",
        "v100",
        "a6000",
        "l40",
        "h200",
        "h800",
        "a800",
        "jetson",
        "fpga",
        "python",
        "cuda",
        "github",
    ]
)


def features(draft: Draft, row: Row) -> list[str]:
    """Return the feature strings of a row: votes, spelling, company, profile."""
    votes: dict[str, float] = {}
    totals: dict[tuple[int, int], float] = {}
    for found in row.found:
        if found.by == "sequence":
            votes[found.type] = votes.get(found.type, 0.0) + found.probability
            place = found.start, found.end
            totals[place] = totals.get(place, 0.0) + found.probability
    whole = sum(votes.values()) or 1.0
    out = {f"top={row.type}", f"max={_step(max(totals.values(), default=0.0))}"}
    core = sum(v for t, v in votes.items() if t in CORE) / whole
    out.add(f"core={_step(core)}")
    for type_ in ENTITY_TYPES:
        out.add(f"v{type_}={_step(votes.get(type_, 0.0) / whole)}")
    places = list(dict.fromkeys((f.start, f.end) for f in row.found))
    out.add(f"k={min(len(places), 4)}")
    out.add(f"seq={min(len(totals), 4)}&{row.type in CORE}")
    words, lower, sentence = draft.words, draft.lower, draft.sentence
    for start, end in places:
        inside = words[start:end]
        out.add(f"len={min(end - start, 6)}")
        out.add(f"sh={shape(inside[0])}" if end - start == 1 else f"shl={shape(inside[-1])}")
        out.add(f"lw={lower[end - 1]}")
        if end - start <= 3:
            out.add("sf=" + " ".join(lower[start:end]))
        if not any(is_namelike(w) for w in inside):
            out.add("plain")
        for word in inside[:4]:
            if is_namelike(word):
                out.update(name_features().get(word, ("cn=no",)))
                statistics = word_features().get(word)
                out.update(statistics[:1] + statistics[3:] if statistics else ("df=0",))
        if start in draft.known and draft.known[start][0] == end:
            out.add(f"kn={draft.known[start][1]}")
        if start < draft.num_title:
            out.add("title")
            if start == 0 and end < draft.num_title and words[end] == ":":
                out.add("title:")
            out.add(f"titlelen={min(end - start, 5)}")
        for j in range(end, min(end + 5, len(words))):
            if sentence[j] != sentence[start] or words[j] in ",;.":
                break
            if lower[j] in NOUN_CLASS and is_plain(words[j]):
                out.add(f"n={NOUN_CLASS[lower[j]]}")
                if j == end:
                    out.add(f"n1={lower[j]}")
                break
        for j in range(end, min(end + 4, len(words) - 1)):
            if sentence[j] == sentence[start] and lower[j + 1] in {"a", "an", "the", "our"}:
                for k in range(j + 2, min(j + 12, len(words))):
                    if lower[k] in {",", "that", "which", "for", ".", "to"}:
                        break
                    if lower[k] in NOUN_CLASS:
                        out.add(f"ap={NOUN_CLASS[lower[k]]}")
                        out.add(f"apw={lower[k]}")
                break
        for j in range(start - 1, max(start - 5, -1), -1):
            if sentence[j] != sentence[start]:
                break
            if lower[j] in INTRODUCE:
                out.add("intro")
            if lower[j] in NOUN_CLASS:
                out.add(f"bn={NOUN_CLASS[lower[j]]}")
            if start - j == 1:
                out.add(f"b1={lower[j]}")
        if end < len(words):
            out.add(f"a1={lower[end]}")
    out |= {f"{row.type}&{f}" for f in out if f[:2] in {"n=", "ap", "in", "kn", "bn", "co", "ma", "pl", "ti"}}
    return sorted(out)


def is_plain(word: str) -> bool:
    """Tell whether a word is all lower case."""
    return word == word.lower()


def _step(value: float) -> int:
    return sum(value >= step for step in _STEPS)


def settle(draft: Draft) -> None:
    """Give each row its type and probability, and drop the rows that are nothing."""
    kept = []
    for row in draft.rows:
        names = {w for f in row.found for w in draft.lower[f.start : f.end]}
        if names & _HARDWARE:
            continue
        chances = weights.probabilities(MODEL, features(draft, row))
        core = sum(chances.get(t, 0.0) for t in ENTITY_TYPES if t in CORE)
        soft = sum(chances.get(t, 0.0) for t in ENTITY_TYPES if t not in CORE)
        is_core = core >= soft
        if (core if is_core else soft) < (LEAST_CORE if is_core else LEAST_SOFT):
            continue
        choices = [t for t in ENTITY_TYPES if (t in CORE) == is_core]
        row.type = max(choices, key=lambda t: chances.get(t, 0.0))
        row.probability = core if is_core else soft
        kept.append(row)
    draft.rows = kept
