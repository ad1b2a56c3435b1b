"""Several processes give what one gives, in its order, and say clearly when one of them dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from extractors import load
from extractors.parallel import PROCESSES, Readers, processes
from extractors.running import Outcome, outcomes
from kg.errors import ExtractorError, UsageError
from kg.model import Extraction, Paper
from tests.extractors import faulty

IN_PROC = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")
PAPERS = [Paper(f"Name{n} is new", f"We extend Name{n} with PPO.", id=str(n)) for n in range(600)]


@pytest.fixture(autouse=True)
def two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROCESSES, "2")


def read(extractor: Callable[[Paper], Extraction], papers: Sequence[Paper] = PAPERS) -> list[Outcome]:
    """Return what became of papers, read by as many processes as may."""
    with Readers(extractor) as readers:
        return list(readers.outcomes(papers))


def told(found: list[Outcome]) -> list[object]:
    """Return outcomes as what can be compared."""
    return [one if isinstance(one, Extraction) else str(one) for one in found]


@pytest.mark.parametrize("name", ["default", "faulty"])
def test_two_processes_give_what_one_gives(name: str) -> None:
    extractor = faulty.refuses_sevenths if name == "faulty" else load(name)
    alone = told(list(outcomes(PAPERS, extractor)))
    assert told(read(extractor)) == alone
    assert len(alone) == len(PAPERS)


def names(found: list[Outcome]) -> set[str]:
    """Return the names that were found, here the ids of the processes that read."""
    return {m.name for one in found if isinstance(one, Extraction) for m in one.mentions}


def test_as_many_processes_read_as_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    here = str(os.getpid())
    found = names(read(faulty.process_id))
    assert len(found) == 2 and here not in found
    assert names(read(faulty.process_id, PAPERS[:219])) == {here}, "soon read"
    monkeypatch.setenv(PROCESSES, "1")
    assert names(read(faulty.process_id)) == {here}


@IN_PROC
@pytest.mark.parametrize("papers", [PAPERS[:3], PAPERS])
def test_processes_that_started_ahead_read_even_few_papers(papers: list[Paper]) -> None:
    before = children()
    with Readers(faulty.process_id, ahead=1) as readers:
        (ahead,) = children() - before
        found = names(list(readers.outcomes(papers)))
        assert str(ahead) in found and str(os.getpid()) not in found
        assert len(found) == (1 if len(papers) == 3 else 2)
        assert children() == before, "all is read"
        assert names(list(readers.outcomes(PAPERS[:3]))) == {str(os.getpid())}


def test_a_process_prepares_before_it_reads() -> None:
    for ahead in (0, 1):
        with Readers(faulty.Prepared(), ahead=ahead) as readers:
            assert names(list(readers.outcomes(PAPERS))) == {"prepared"}
    assert names(list(outcomes(PAPERS[:1], faulty.Prepared()))) == {"unprepared"}


def test_the_default_extractor_prepares_all_it_loads() -> None:
    code = (
        "from extractors import load, weights; from kg.model import Paper; load().prepare()\n"
        "def fail(name): raise AssertionError(name)\n"
        "weights.content = fail\n"
        "paper = Paper('On $\\\\pi_0$ and MIT', 'We test GRPO (Group RL) on MATH500: 5% better.')\n"
        "print(len(load()(paper).mentions))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(ran.stdout) > 0


def test_an_extractor_of_a_script_reads_here(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import os\n"
        "from extractors.parallel import Readers\n"
        "from tests.extractors.faulty import process_id\n"
        "from tests.extractors.test_parallel import PAPERS\n"
        "def mine(paper): return process_id(paper)\n"
        "with Readers(mine, ahead=2) as readers:\n"
        "    found = list(readers.outcomes(PAPERS))\n"
        "print({one.mentions[0].name for one in found} == {str(os.getpid())})\n",
        encoding="utf-8",
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, env=env)
    assert ran.stdout.strip() == "True"


@IN_PROC
def test_processes_that_started_ahead_for_nothing_end() -> None:
    before = children()
    with Readers(faulty.process_id, ahead=2):
        assert len(children() - before) == 2
    assert children() == before


def test_what_goes_wrong_while_a_process_prepares_is_told_with_its_papers() -> None:
    with Readers(faulty.Unprepared(), ahead=1) as readers, pytest.raises(ExtractorError, match="never ready"):
        list(readers.outcomes(PAPERS[:3]))


def children() -> set[int]:
    """Return the processes that this one started and that run."""
    return {int(one) for one in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def test_what_cannot_be_sent_reads_here() -> None:
    assert names(read(lambda p: faulty.process_id(p))) == {str(os.getpid())}


def test_a_worker_that_dies_is_named_with_its_papers() -> None:
    with pytest.raises(ExtractorError, match=r"ended by signal 9 .* while it read 128 and 63 papers after"):
        read(faulty.dies)


@IN_PROC
def test_a_script_needs_no_guard_and_no_worker_outlives_it(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import os, signal\n"
        "from extractors.parallel import Readers\n"
        "from tests.extractors.faulty import process_id\n"
        "from tests.extractors.test_parallel import PAPERS\n"
        "found = Readers(process_id).outcomes(PAPERS)\n"
        "print(next(found).mentions[0].name, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n",
        encoding="utf-8",
    )
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, str(script)], env=env, stdout=subprocess.PIPE, timeout=60)
    assert done.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 30
    while runs(int(done.stdout)):
        assert time.monotonic() < deadline, "a worker outlives its parent"
        time.sleep(0.1)


def runs(process: int) -> bool:
    """Return whether a process does anything still."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_number_of_processes_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("0", "two", "-1"):
        monkeypatch.setenv(PROCESSES, wrong)
        with pytest.raises(UsageError, match="1 or more"):
            processes()
