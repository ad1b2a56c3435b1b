"""What is named once is marked everywhere: every other place of a row's spellings in the same paper."""

from __future__ import annotations

from collections import defaultdict

from extractors.document import Draft, Found


def spread(draft: Draft) -> None:
    """Add the unmarked places of each row's spellings, longest first, without overlap."""
    taken: set[int] = set()
    spellings: dict[str, list[tuple[tuple[str, ...], int]]] = defaultdict(list)
    for number, row in enumerate(draft.rows):
        forms = set()
        for start, end in row.places:
            taken.update(range(start, end))
            forms.add(tuple(draft.words[start:end]))
        for form in forms:
            if len(form) > 1 or (len(form[0]) > 1 and not form[0].isdigit()):
                spellings[form[0]].append((form, number))
    for entries in spellings.values():
        entries.sort(key=lambda e: (-len(e[0]), e[0], e[1]))
    for i, word in [(i, word) for i, word in enumerate(draft.words) if word in spellings]:
        for form, number in spellings[word]:
            end = i + len(form)
            if tuple(draft.words[i:end]) == form and taken.isdisjoint(range(i, end)):
                if draft.sentence[i] != draft.sentence[end - 1]:
                    continue
                row = draft.rows[number]
                row.found.append(Found(i, end, row.type, row.probability / 2, "consistency"))
                taken.update(range(i, end))
                break
    for row in draft.rows:
        row.found = sorted(row.found, key=lambda f: (f.start, f.end))
