"""Make `names.tsv.gz` from a corpus: what the papers that mention a name call it, over all papers together.

One namelike word a line: word, then the shares (ninths) of the noun classes found after, before or in
apposition to it: method, model, benchmark, dataset, environment, organisation; then how often papers
introduce it and compare with it.
"""

from __future__ import annotations

import gzip
from collections import Counter, defaultdict
from collections.abc import Iterable

from extractors import acronyms
from extractors.features import paper_hints
from extractors.tokens import draft
from extractors.words import PROFILE
from kg.model import Paper

CLASSES = PROFILE[:6]
LEAST_PAPERS = 3


def make_names(papers: Iterable[Paper]) -> bytes:
    """Return the content of `names.tsv.gz`, the same for the same papers."""
    documents: Counter[str] = Counter()
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for paper in papers:
        state = draft(paper)
        acronyms.mark(state)
        for word, hints in paper_hints(state).items():
            documents[word] += 1
            for hint in hints:
                label = hint.partition("=")[2] if hint[:4] in {"g:n=", "g:a=", "g:b="} else hint
                told[word][label] += 1
    lines = []
    for word in sorted(w for w, n in documents.items() if n >= LEAST_PAPERS):
        counts = told[word]
        total = sum(counts[c] for c in CLASSES)
        shares = [str(9 * counts[c] // (total + 1)) for c in CLASSES]
        shares += [str(9 * counts[g] // documents[word]) for g in ("g:intro", "g:cmp")]
        lines.append(f"{word}\t{''.join(shares)}")
    return gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)
