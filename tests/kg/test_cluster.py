"""The engine on a cluster: what one machine gives, whatever becomes of a worker or of the run."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import extractors
from kg.catalog import Catalog
from kg.catalog.parts import Parts, Row, extraction_batch, keyed_papers
from kg.cli import main
from kg.cluster.reader import Reader
from kg.cluster.session import PATIENCE
from kg.engines import ENGINES, Cluster, get_engine
from kg.errors import EngineError, UnknownNameError, UsageError
from kg.extraction_json import from_json
from kg.generations import CATALOG, current_generation
from kg.model import Paper
from tests.spark_cluster import SETTINGS, StandaloneCluster, free_port

COUNT, PARTITION = 200, 10
FAULTY = 77
BOTH = [
    "--spark-conf", "spark.cores.max=2", "--spark-conf", "spark.scheduler.minRegisteredResourcesRatio=1.0",
    "--spark-conf", "spark.scheduler.maxRegisteredResourcesWaitingTime=90s",
]  # fmt: skip
"""Lets no task begin before two workers are there."""
SLOW = f"""
import time
from extractors import load

def extractor():
    read = load()
    def extract(paper):
        time.sleep(0.02)
        if paper.title.endswith(" {FAULTY}"):
            raise ValueError("no sense in this one")
        return read(paper)
    return extract
"""
"""The default extractor, slow enough for something to happen in the middle, and with one paper too hard."""
METHODS = ("PPO", "GRPO", "DPO", "LoRA", "a transformer")
BENCHMARKS = ("MATH500", "GSM8K", "ImageNet", "MMLU")


def paper(number: int) -> dict[str, str]:
    """Return a made-up paper."""
    name, base = f"Zorb{number % 90}Net", METHODS[number % len(METHODS)]
    return {
        "id": f"2501.{number:05}",
        "title": f"{name}: a study of {base}, part {number}",
        "abstract": f"We introduce {name}, which extends {base}. On {BENCHMARKS[number % 4]} it gains "
        f"{number % 7 + 1}.{number % 10}%. It is better than Varn{number % 11}.",
    }


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of made-up papers."""
    path = tmp_path_factory.mktemp("papers") / "papers.jsonl"
    path.write_text("".join(json.dumps(paper(number)) + "\n" for number in range(COUNT)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def slow_extractor(spark_python_path: Path) -> None:
    """Install the slow extractor where the cluster finds it."""
    info = spark_python_path / "abstractkg_slow-1.0.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: abstractkg-slow\nVersion: 1.0\n")
    info.joinpath("entry_points.txt").write_text(f"[{extractors.GROUP}]\nslow = slow_one:extractor\n")
    spark_python_path.joinpath("slow_one.py").write_text(SLOW)


class Run:
    """`kg build` as a process of its own."""

    def __init__(self, cluster: StandaloneCluster, papers: Path, folder: Path, *options: str) -> None:
        self.graph, self.staging = folder / "graph", folder / "staging"
        command: list[str | Path] = [
            sys.executable, "-m", "kg", "build", papers, "--graph", self.graph, "--out", folder / "out",
            "--quads", folder / "quads", "--extractor", "slow", *options,
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, env=cluster.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            # a shell that runs the tests in the background passes on that SIGINT is ignored
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip

    def wait_for_parts(self, count: int) -> None:
        """Wait until so many tasks have written what they read."""
        deadline = time.monotonic() + 180
        while len(list((self.staging / "spark-extractions").glob("part-*.parquet"))) < count:
            assert self._process.poll() is None, self.end()
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def end(self, sign: signal.Signals | None = None) -> tuple[int, str]:
        """Return exit code and standard error, after a signal if one is given."""
        if sign is not None:
            self._process.send_signal(sign)
        said = self._process.communicate(timeout=120)[1]
        return self._process.returncode, said


def on_spark(cluster: StandaloneCluster, folder: Path, *more: str) -> list[str]:
    """Return the options of a run on a cluster."""
    settings = [word for item in SETTINGS.items() for word in ("--spark-conf", "=".join(item))]
    staging = str(folder / "staging")
    return [
        "--engine", "spark", "--master", cluster.url, "--staging", staging, "--partition", str(PARTITION),
        *settings, *more,
    ]  # fmt: skip


def test_a_cluster_that_loses_a_worker_gives_what_one_machine_gives(
    spark_cluster: StandaloneCluster, slow_extractor: None, papers: Path, tmp_path: Path
) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    options = on_spark(spark_cluster, many)

    waits = Run(spark_cluster, papers, many, *options, "--spark-conf", f"{PATIENCE}=1")
    code, said = waits.end()
    assert code == 2 and "gave no worker for 1 s" in said and "Traceback" not in said
    assert not (many / "graph" / "current").exists()

    spark_cluster.add_workers(1)
    stopped = Run(spark_cluster, papers, many, *options)
    stopped.wait_for_parts(2)
    code, said = stopped.end(signal.SIGINT)
    assert code == 130 and "stays as it was" in said and "Traceback" not in said
    assert not (many / "graph" / "current").exists()
    kept = Parts(many / "staging").found()
    assert PARTITION <= len(kept) < COUNT - 9 * PARTITION

    spark_cluster.add_workers(1)
    goes_on = Run(spark_cluster, papers, many, *options, *BOTH)
    before = len(list((many / "staging" / "spark-extractions").glob("part-*.parquet")))
    goes_on.wait_for_parts(before + 3)
    spark_cluster.kill_worker()
    code, said = goes_on.end()
    assert code == 1, said
    assert f"{len(kept):,} papers were read on a cluster" in said and "workers lost" in said
    assert not (many / "staging").exists(), "nothing is left of a run that is done"

    code, alone = Run(spark_cluster, papers, one).end()
    assert code == 1, alone
    assert lines_of_losses(said) == lines_of_losses(alone) != []
    compared = [
        path.relative_to(one) for path in one.rglob("*") if path.is_file() and "gen-" not in str(path)
    ]
    assert {"graph.nq", "unread.tsv", "part-00000.nq.gz", "graph.graphml"} <= {path.name for path in compared}
    for path in compared:  # files of generations are compared below, row by row
        assert (many / path).read_bytes() == (one / path).read_bytes(), path
    for folder in (one, many):
        exported = CliRunner().invoke(
            main, ["export", "jsonl", "--graph", str(folder / "graph"), "-o", str(folder / "e.jsonl")]
        )
        assert exported.exit_code == 0, exported.output
    assert (many / "e.jsonl").read_bytes() == (one / "e.jsonl").read_bytes()
    assert rows_of(many) == rows_of(one)
    quads = gzip.decompress((many / "quads" / "part-00000.nq.gz").read_bytes())
    assert quads == (one / "out" / "graph.nq").read_bytes()


def lines_of_losses(said: str) -> list[str]:
    """Return what a run said of papers that were not extracted."""
    return [line for line in said.splitlines() if "was not extracted" in line]


def rows_of(folder: Path) -> tuple[list[Paper], list[object]]:
    """Return what the catalog of a run's graph holds."""
    with Catalog.open(current_generation(folder / "graph") / CATALOG) as catalog:
        return list(catalog.papers()), list(catalog.extractions())


def test_a_worker_reads_as_this_machine_does(papers: Path, tmp_path: Path) -> None:
    made_up = map(paper, range(25))
    some = [Paper(id=one["id"], title=one["title"], abstract=one["abstract"]) for one in made_up]
    parts = Parts(tmp_path)
    parts.write_papers(((f"key {p.id}", p) for p in some), 10)
    files = sorted(parts.papers.iterdir())
    assert [pq.ParquetFile(file).metadata.num_rows for file in files] == [10, 10, 5]
    batches = [batch for file in files for batch in pq.ParquetFile(file).iter_batches()]
    assert [keyed for batch in batches for keyed in keyed_papers(batch)] == [(f"key {p.id}", p) for p in some]
    read = Reader("default", extractors.fingerprint())
    rows = [row for batch in read(batches) for row in batch.to_pylist()]
    assert [row["key"] for row in rows] == [f"key {p.id}" for p in some]
    found = [from_json(json.loads(row["data"])) for row in rows]
    assert found == list(extractors.extract_many(some)) and any(one.mentions for one in found)


def test_a_worker_with_another_extractor_is_refused() -> None:
    with pytest.raises(EngineError, match=r"is not\s+that of this run \(000000000000\)"):
        list(Reader("default", "0" * 64)([]))


def write_part(parts: Parts, name: str, *rows: Row) -> Path:
    """Write a part as a task does."""
    import pyarrow as pa

    parts.extractions.mkdir(parents=True, exist_ok=True)
    path = parts.extractions / f"part-{name}.parquet"
    pq.write_table(pa.Table.from_batches([extraction_batch(rows)]), path)
    return path


def test_rows_come_back_in_order_each_once(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "staging")
    assert parts.found() == set() and list(parts.rows(["a"])) == [None]
    bad, good = Row("d", problem="too hard"), [Row(key, data=f"of {key}") for key in "abc"]
    write_part(parts, "1", good[2], good[0])
    write_part(parts, "2", good[1], good[0], bad)
    torn = write_part(parts, "3", Row("e", data="of e"))
    torn.write_bytes(torn.read_bytes()[:-9])
    assert parts.found() == {"a", "b", "c"}, "what failed is tried again"
    assert not torn.exists()
    assert list(parts.rows(["b", "a", "d", "e", "b", "c"])) == [good[1], good[0], bad, None, good[1], good[2]]
    write_part(parts, "4", Row("d", data="of d"))
    assert list(parts.rows(["d"])) == [Row("d", data="of d")], "what went well wins"
    (tmp_path / "staging" / "mine.txt").touch()
    parts.remove()
    assert [path.name for path in (tmp_path / "staging").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--master", "spark://h:7077"], "add --engine spark"),
        (["--partition", "10"], "add --engine spark"),
        (["--engine", "spark"], "needs --master"),
        (["--engine", "sparc"], "no engine called 'sparc'; there are: local, spark"),
        (["--engine", "spark", "--spark-conf", "nothing"], "no KEY=VALUE"),
    ],
)
def test_wrong_usage_says_what_to_do(
    runner: CliRunner, example: Path, options: list[str], message: str
) -> None:
    done = runner.invoke(main, ["build", str(example), *options])
    assert done.exit_code == 2 and message in done.stderr
    assert not Path("graph").exists()


def test_an_engine_needs_a_folder_for_its_parts() -> None:
    with pytest.raises(UsageError, match="needs --staging"):
        get_engine("spark", Cluster("spark://h:7077"))


def test_without_pyspark_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("kg.cluster.engine.find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r"pip install 'abstractkg\[spark\]'"):
        get_engine("spark", Cluster("spark://127.0.0.1:1", tmp_path))


def test_without_java_that_is_said(
    spark_installed: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cluster = Cluster("spark://127.0.0.1:1", tmp_path)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EngineError, match=r"JAVA_HOME is .*, where no bin/java is"):
        get_engine("spark", cluster)
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="needs Java 17 or newer"):
        get_engine("spark", cluster)


@pytest.mark.parametrize(
    "address", ["127.0.0.1:{port}", "127.0.0.1", "127.0.0.1:99999", "no.such.host.invalid:1"]
)
def test_a_master_that_does_not_answer_is_named_at_once(
    spark_installed: None, runner: CliRunner, example: Path, address: str
) -> None:
    url = f"spark://{address.format(port=free_port())}"
    start = time.monotonic()
    done = runner.invoke(
        main, ["build", str(example), "--engine", "spark", "--master", url, "--staging", "s"]
    )
    assert done.exit_code == 2 and f"no Spark master answers at {url}" in done.stderr
    assert time.monotonic() - start < 10 and not Path("graph").exists()


def test_a_language_model_stays_on_one_machine(
    spark_installed: None, runner: CliRunner, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Counting:
        def __call__(self, paper: Paper) -> None:
            raise AssertionError("nothing is read")

        def notes(self) -> tuple[str, ...]:
            return ()

    monkeypatch.setitem(extractors.EXTRACTORS, "counting", Counting)
    options = ["--engine", "spark", "--master", "local[1]", "--extractor", "counting"]
    done = runner.invoke(main, ["build", str(example), *options])
    assert done.exit_code == 2 and "--engine local" in done.stderr
    assert not Path("s").exists()


def test_a_staging_folder_that_cannot_be_written_is_named(
    spark_installed: None, runner: CliRunner, example: Path
) -> None:
    Path("file").touch()
    options = ["--engine", "spark", "--master", "local[1]", "--staging", "file/staging"]
    done = runner.invoke(main, ["build", str(example), *options])
    assert done.exit_code == 2 and "--staging" in done.stderr and "Not a directory" in done.stderr


def test_engines_are_named() -> None:
    assert sorted(ENGINES) == ["local", "spark"]
    with pytest.raises(UnknownNameError):
        get_engine("cluster")
    with pytest.raises(UsageError, match="1 paper or more"):
        get_engine("spark", Cluster("local", Path("s"), partition=0))
