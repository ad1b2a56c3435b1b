"""What the sequence model sees of each token: the word, its company, and what the whole paper says of it."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from extractors.cues import COMPARE, EVALUATE, INTRODUCE, NOUN_CLASS, USE
from extractors.document import Draft
from extractors.weights import attributes
from extractors.words import name_features, word_features

_RUNS = re.compile(r"(.)\1+")
_ARTICLES = frozenset({"a", "an", "the", "our", "first"})


def shape(word: str) -> str:
    """Return the form of a word with runs shortened.

    >>> shape("Qwen2.5"), shape("GRPO"), shape("LoRA"), shape("word")
    ('Xxd.d', 'X', 'XxX', 'x')
    """
    marks = "".join(
        "X" if c.isupper() else "d" if c.isdigit() else "x" if c.isalpha() else c for c in word[:20]
    )
    return _RUNS.sub(r"\1", marks)


def is_namelike(word: str) -> bool:
    """Tell whether a word has a capital or mixes letters and digits."""
    return word != word.lower() or (any(c.isdigit() for c in word) and any(c.isalpha() for c in word))


@lru_cache(maxsize=65536)
def _own(word: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return a word's features at its own place and at the six places around it."""
    low = word.lower()
    form = shape(word)
    corpus = word_features()
    statistics = corpus.get(word) or corpus.get(low) or ("df=0",)
    own = [f"w={word}", f"l={low}", f"s={form}", *statistics, *name_features().get(word, ())]
    if word[0].isalpha():
        own += [f"p2={low[:2]}", f"p3={low[:3]}", f"p4={low[:4]}"]
        own += [f"x2={word[-2:]}", f"x3={word[-3:]}", f"x4={word[-4:]}", f"n={min(len(word), 9)}"]
        if low != word:
            count = sum(c.isupper() for c in word)
            own.append(
                "up="
                + ("all" if count == len(word) else "one" if count == 1 and word[0].isupper() else "mix")
            )
        if low in NOUN_CLASS:
            own.append(f"nc={NOUN_CLASS[low]}")
    around = []
    classes = [s for s in statistics if s[0] == "c" and s[1] != "r"]
    for place in (-3, -2, -1, 1, 2, 3):
        mark = f"{place}:"
        near = [f"{mark}l={low}"]
        if abs(place) < 3:
            near += [f"{mark}s={form}"] + [mark + c for c in classes[1:2]]
        if abs(place) == 1:
            near += [mark + c for c in classes[2:]] + (
                [f"{mark}{statistics[1]}"] if len(statistics) > 1 else []
            )
        around.append(tuple(near))
    return tuple(own), tuple(around)


def paper_hints(draft: Draft) -> dict[str, tuple[str, ...]]:
    """Return, for each namelike word, what any of its places in the paper tells about it."""
    hints: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    words, lower, sentence = draft.words, draft.lower, draft.sentence
    size = len(words)
    for i, word in enumerate(words):
        if not word[0].isalnum() or not is_namelike(word):
            continue
        counts[word] = counts.get(word, 0) + 1
        told = hints.setdefault(word, set())
        number = sentence[i]
        if i < draft.num_title:
            told.add("g:title")
            if i == 0 or (i + 1 < size and words[i + 1] == ":"):
                told.add("g:title0")
        for j in range(i + 1, min(i + 7, size)):
            if sentence[j] != number or words[j] in ",;.":
                break
            low = lower[j]
            if low in NOUN_CLASS and words[j] == low:
                told.add(f"g:n={NOUN_CLASS[low]}")
                if j == i + 1:
                    told.add(f"g:n1={low}")
                break
        for j in range(i + 1, min(i + 6, size - 1)):
            if sentence[j] != number:
                break
            if lower[j] in {",", "is", "are", "–", "—"} and lower[j + 1] in _ARTICLES:
                for k in range(j + 2, min(j + 12, size)):
                    if lower[k] in {",", "that", "which", "for", "."}:
                        break
                    if lower[k] in NOUN_CLASS:
                        told.add(f"g:a={NOUN_CLASS[lower[k]]}")
                break
        for j in range(i - 1, max(i - 6, -1), -1):
            if sentence[j] != number:
                break
            low = lower[j]
            if i - j <= 2 and low in NOUN_CLASS:
                told.add(f"g:b={NOUN_CLASS[low]}")
            if low in INTRODUCE:
                told.add("g:intro")
                break
            if low in COMPARE:
                told.add("g:cmp")
                break
            if i - j == 1 and low in EVALUATE | USE:
                told.add(f"g:p={low}")
    for short_start, short_end, long_start, long_end in draft.acronyms:
        last = lower[long_end - 1]
        extra = {"g:acr", f"g:long={last}"}
        if last in NOUN_CLASS:
            extra.add(f"g:longc={NOUN_CLASS[last]}")
        if not any(c.isupper() for c in draft.surface(long_start, long_end)):
            extra.add("g:longlow")
        for j in range(short_start, short_end):
            if words[j] in hints:
                hints[words[j]] |= extra
    for word, told in hints.items():
        told.add(f"g:k={min(counts[word], 4)}")
    return {word: tuple(sorted(told)) for word, told in hints.items()}


@lru_cache(maxsize=65536)
def _weighty(word: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return those of a word's features that the sequence model gives weight."""
    active = attributes()
    own, around = _own(word)
    return tuple(f for f in own if f in active), tuple(tuple(f for f in a if f in active) for a in around)


def sequence_features(draft: Draft, *, complete: bool = True) -> list[list[str]]:
    """Return the feature strings of each token; unless `complete`, only those with weight."""
    active = frozenset() if complete else attributes()
    own_of = _weighty if active else _own
    words, lower = draft.words, draft.lower
    hints = paper_hints(draft)
    known: dict[int, str] = {}
    for start, (end, type_) in draft.known.items():
        known[start] = f"kn=B{type_}"
        for i in range(start + 1, end):
            known[i] = f"kn=I{type_}"
    long_forms = {}
    for _, _, long_start, long_end in draft.acronyms:
        last = lower[long_end - 1]
        capital = "C" if words[long_start][0].isupper() else "c"
        for i in range(long_start, long_end):
            long_forms[i] = (f"lf={'B' if i == long_start else 'I'}{capital}", f"lfl={last}")
    cached = [own_of(w) for w in words]
    size = len(words)
    in_title = {w for w in lower[: draft.num_title] if len(w) > 3}
    title_pairs = set(pairwise(lower[: draft.num_title]))
    counts: dict[str, int] = {}
    for low in lower:
        counts[low] = counts.get(low, 0) + 1
    out: list[list[str]] = []
    for i, word in enumerate(words):
        own, _ = cached[i]
        row = list(own)
        if i:
            row += cached[i - 1][1][2]
            pair = f"b-={lower[i - 1]}|{lower[i]}"
            if not active or pair in active:
                row.append(pair)
            if draft.starts[i] == draft.ends[i - 1]:
                row.append("glue-")
            if i > 1:
                row += cached[i - 2][1][1]
                if i > 2:
                    row += cached[i - 3][1][0]
        if i + 1 < size:
            row += cached[i + 1][1][3]
            pair = f"b+={lower[i]}|{lower[i + 1]}"
            if not active or pair in active:
                row.append(pair)
            if draft.starts[i + 1] == draft.ends[i]:
                row.append("glue+")
            if i + 2 < size:
                row += cached[i + 2][1][4]
                if i + 3 < size:
                    row += cached[i + 3][1][5]
        if i < draft.num_title:
            row.append("title")
            if i == 0:
                row.append("title0")
        elif i == draft.num_title or draft.sentence[i - 1] != draft.sentence[i]:
            row.append("first")
        if i >= draft.num_title and lower[i] in in_title:
            row.append("in-title")
            if i and (lower[i - 1], lower[i]) in title_pairs:
                row.append("in-title-")
            if i + 1 < size and (lower[i], lower[i + 1]) in title_pairs:
                row.append("in-title+")
        if len(word) > 3 and counts[lower[i]] > 1:
            row.append(f"wc={min(counts[lower[i]], 4)}")
        if word in hints:
            row += hints[word]
        if i in known:
            row.append(known[i])
        if i in long_forms:
            row += long_forms[i]
        out.append(row)
    return out
