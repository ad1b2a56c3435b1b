"""Papers in temporary files: what comes out is what went in, and texts are not held in memory."""

from __future__ import annotations

import json
import resource
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import UsageError
from kg.sources import read, spool
from kg.sources.spool import Selection, Spool

values = st.lists(st.text(max_size=30))


@given(st.lists(st.tuples(values, st.integers(-3, 30), st.slices(12))), st.sampled_from([10, 10_000]))
def test_a_spool_is_a_list(steps: list[tuple[list[str], int, slice]], in_memory: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "_IN_MEMORY", in_memory)
        plain: list[str] = []
        spooled = Spool[str]()
        for more, index, part in steps:
            plain.extend(more)
            spooled.extend(more)
            assert len(spooled) == len(plain) and spooled[part] == plain[part]
            if index < len(plain) and -index <= len(plain):
                assert spooled[index] == plain[index]
            else:
                with pytest.raises(IndexError):
                    spooled[index]
            numbers = list(range(len(plain)))[::2]
            assert list(Selection(spooled, numbers)) == plain[::2]
        assert list(spooled) == plain and spooled == Spool(plain) and spooled != Spool([*plain, ""])


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_IN_MEMORY", 1_000)
    spooled = Spool[str]()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
        with pytest.raises(UsageError, match=r"folder for temporary files, .*\(File too large\).*TMPDIR"):
            spooled.extend("x" * 5_000 for _ in range(20))
        del spooled
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_texts_are_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_IN_MEMORY", 100_000)
    with (tmp_path / "papers.jsonl").open("w", encoding="utf-8") as file:
        for n in range(1_000):
            file.write(json.dumps({"id": f"2503.{n:05}", "title": f"Title {n}", "abstract": "x " * 10_000}))
            file.write("\n")
    tracemalloc.start()
    found = read([tmp_path])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.papers) == len(found.records) == 1_000
    assert most < 5_000_000, f"{most:,} bytes of memory for 20 MB of texts"
