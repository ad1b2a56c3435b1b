"""What the sequence model sees of each token: the word, its company, and what the whole paper says of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise

from extractors.cues import COMPARE, EVALUATE, INTRODUCE, NOUN_CLASS, USE
from extractors.document import Draft
from extractors.words import name_features, word_features

_RUNS = re.compile(r"(.)\1*", re.DOTALL)


class _Marks(dict[int, str]):
    """Code point to the mark that stands for it in a shape, made when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        mark = "X" if char.isupper() else "d" if char.isdigit() else "x" if char.isalpha() else char
        self[code] = mark
        return mark


_MARKS = _Marks()
PLACES = (-3, -2, -1, 1, 2, 3)
"""Places around a token whose words are among its features."""
_NOUN, _STOP, _INTRODUCES, _COMPARES, _ACTS, _LINKS, _ARTICLE, _ENDS_PHRASE = (1 << bit for bit in range(8))
_MEANINGS: tuple[tuple[int, Collection[str]], ...] = (
    (_NOUN, NOUN_CLASS),
    (_STOP, {",", ";", "."}),
    (_INTRODUCES, INTRODUCE),
    (_COMPARES, COMPARE),
    (_ACTS, EVALUATE | USE),
    (_LINKS, {",", "is", "are", "–", "—"}),
    (_ARTICLE, {"a", "an", "the", "our", "first"}),
    (_ENDS_PHRASE, {",", "that", "which", "for", "."}),
)
_CUES = {
    word: sum(bit for bit, words in _MEANINGS if word in words) for _, some in _MEANINGS for word in some
}
"""All that a lower-case word means to the names near it."""


def shape(word: str) -> str:
    """Return the form of a word with runs shortened.

    >>> shape("Qwen2.5"), shape("GRPO"), shape("LoRA"), shape("word")
    ('Xxd.d', 'X', 'XxX', 'x')
    """
    return "".join(_RUNS.findall(word[:20].translate(_MARKS)))


@lru_cache(maxsize=16384)
def is_namelike(word: str) -> bool:
    """Tell whether a word has a capital or mixes letters and digits."""
    return word != word.lower() or (any(map(str.isdigit, word)) and any(map(str.isalpha, word)))


Strings = tuple[tuple[str, ...], ...]
"""Feature strings of a word at its own place, then at each of `PLACES` around it."""
REACH = {"l=": 3, "s=": 2, "c2": 2, "c3": 1, "cr": 1}
"""How a word's features start that its neighbours see too, and how far away."""


def own_strings(word: str) -> list[str]:
    """Return the feature strings of a word at its own place."""
    low = word.lower()
    corpus = word_features()
    out = [f"w={word}", f"l={low}"]
    if low in NOUN_CLASS:
        out.append(f"nc={NOUN_CLASS[low]}")
    out.append(f"s={shape(word)}")
    out += corpus.get(word) or corpus.get(low) or ("df=0",)
    out += name_features().get(word, ())
    if low[0].isalpha():
        out += [f"p2={low[:2]}", f"p3={low[:3]}", f"p4={low[:4]}"]
        out += [f"x2={word[-2:]}", f"x3={word[-3:]}", f"x4={word[-4:]}", f"n={min(len(word), 9)}"]
        if word != low:
            out.append(f"up={_capitals(word)}")
    return out


def _capitals(word: str) -> str:
    """Return `all`, `one` (the first) or `mix` for a word with capitals."""
    count = sum(map(str.isupper, word))
    return "all" if count == len(word) else "one" if count == 1 and word[0].isupper() else "mix"


@lru_cache(maxsize=16384)
def word_strings(word: str) -> Strings:
    """Return all feature strings of a word."""
    own = own_strings(word)
    seen = [(string, reach) for start, reach in REACH.items() for string in own if string.startswith(start)]
    around = [[f"{place}:{string}" for string, reach in seen if abs(place) <= reach] for place in PLACES]
    return tuple(own), *map(tuple, around)


def paper_hints(draft: Draft) -> dict[str, tuple[str, ...]]:
    """Return, for each namelike word, what any of its places in the paper tells about it."""
    hints: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    words, lower = draft.words, draft.lower
    size = len(words)
    cues = [_CUES.get(low, 0) for low in lower]
    begin = stop = 0
    for i, (word, low) in enumerate(zip(words, lower, strict=True)):
        if (word == low and word.isalpha()) or not word[0].isalnum() or not is_namelike(word):
            continue
        if i >= stop:
            begin, stop = draft.sentence_range(i)
        if word in counts:
            counts[word] += 1
            told = hints[word]
        else:
            counts[word] = 1
            told = hints[word] = set()
        if i < draft.num_title:
            told.add("g:title")
            if i == 0 or (i + 1 < size and words[i + 1] == ":"):
                told.add("g:title0")
        for j in range(i + 1, min(i + 7, stop)):
            if cues[j] & _STOP:
                break
            if cues[j] & _NOUN and words[j] == lower[j]:
                told.add(f"g:n={NOUN_CLASS[lower[j]]}")
                if j == i + 1:
                    told.add(f"g:n1={lower[j]}")
                break
        for j in range(i + 1, min(i + 6, stop, size - 1)):
            if cues[j] & _LINKS and cues[j + 1] & _ARTICLE:
                for k in range(j + 2, min(j + 12, size)):
                    if cues[k] & _ENDS_PHRASE:
                        break
                    if cues[k] & _NOUN:
                        told.add(f"g:a={NOUN_CLASS[lower[k]]}")
                break
        for j in range(i - 1, max(i - 6, begin - 1), -1):
            cue = cues[j]
            if cue & _NOUN and i - j <= 2:
                told.add(f"g:b={NOUN_CLASS[lower[j]]}")
            if cue & _INTRODUCES:
                told.add("g:intro")
                break
            if cue & _COMPARES:
                told.add("g:cmp")
                break
            if cue & _ACTS and i - j == 1:
                told.add(f"g:p={lower[j]}")
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


def paper_features(draft: Draft) -> list[list[str]]:
    """Return the feature strings of each token that the word and its neighbours alone do not give."""
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
    lexical: dict[int, tuple[str, ...]] = {}
    for start, (end, entry) in draft.lexical.items():
        lexical[start] = entry.begins
        for i in range(start + 1, end):
            lexical[i] = entry.goes_on
    num_title, starts, ends, sentence = draft.num_title, draft.starts, draft.ends, draft.sentence
    in_title = {w for w in lower[:num_title] if len(w) > 3}
    title_pairs = set(pairwise(lower[:num_title]))
    repeated = {w: f"wc={min(n, 4)}" for w, n in Counter(lower).items() if n > 1 and len(w) > 3}
    out: list[list[str]] = [[] for _ in lower]
    glued = [i for i, (start, end) in enumerate(zip(starts[1:], ends, strict=False), 1) if start == end]
    for i in glued:
        out[i].append("glue-")
    for i, (before, number) in enumerate(pairwise(sentence), 1):
        if before != number and i >= num_title:
            out[i].append("first")
    for i in glued:
        out[i - 1].append("glue+")
    for i in range(num_title):
        out[i].append("title")
    if num_title:
        out[0].append("title0")
    elif lower:
        out[0].append("first")
    for i, (word, low) in enumerate(zip(words, lower, strict=True)):
        if low in repeated:
            out[i].append(repeated[low])
        if word in hints:
            out[i] += hints[word]
        if i >= num_title and low in in_title:
            out[i].append("in-title")
            if i and (lower[i - 1], low) in title_pairs:
                out[i].append("in-title-")
            if i + 1 < len(lower) and (low, lower[i + 1]) in title_pairs:
                out[i].append("in-title+")
    for i, told in known.items():
        out[i].append(told)
    for marks in (lexical, long_forms):
        for i, strings in marks.items():
            out[i] += strings
    return out


PAIR_BEFORE, PAIR_AFTER = "b-=", "b+="
"""How the features of a token start that name it with the word before it, and with the word after it."""


def sequence_features(draft: Draft) -> list[list[str]]:
    """Return all feature strings of each token: its word's, those of the words around, pairs, the paper's."""
    cached = [word_strings(w) for w in draft.words]
    out = paper_features(draft)
    for i, row in enumerate(out):
        row += cached[i][0]
        for place, shift in enumerate(PLACES, 1):
            if 0 <= i + shift < len(cached):
                row += cached[i + shift][place]
    for i, (first, second) in enumerate(pairwise(draft.lower)):
        out[i].append(f"{PAIR_AFTER}{first}|{second}")
        out[i + 1].append(f"{PAIR_BEFORE}{first}|{second}")
    return out
