"""A fixture: a standalone Spark cluster on loopback, its master and workers processes of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[1]
QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""What a Java process is told that lives for seconds."""
SETTINGS = {
    "spark.driver.extraJavaOptions": QUICK_START,
    "spark.executor.extraJavaOptions": QUICK_START,
    "spark.executor.memory": "512m",
    "spark.driver.memory": "512m",
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
"""What keeps a run small and on loopback."""


class StandaloneCluster:
    """A master that runs, and workers of one core each that a test starts and kills."""

    def __init__(self, folder: Path, python_path: Path) -> None:
        spec = find_spec("pyspark")
        assert spec is not None and spec.origin is not None
        self._home = Path(spec.origin).parent
        self._folder, self._python_path = folder, python_path
        self._processes: list[subprocess.Popen[bytes]] = []
        port = free_port()
        self.url = f"spark://127.0.0.1:{port}"
        self._start("master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
        self._wait("master", lambda: answers(port))

    @property
    def environment(self) -> dict[str, str]:
        """What a process that has to do with the cluster needs to know."""
        return {
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{self._python_path}",
            "SPARK_HOME": str(self._home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_DAEMON_JAVA_OPTS": QUICK_START,
        }

    def add_workers(self, count: int) -> None:
        """Start workers, and wait until the master knows them."""
        first = len(self._processes)
        for number in range(first, first + count):
            work = str(self._folder / f"work-{number}")
            self._start(
                "worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "--cores", "1",
                "--memory", "600m", "--work-dir", work, self.url,
            )  # fmt: skip
        logs = [self._folder / f"{number}.log" for number in range(first, first + count)]
        self._wait("workers", lambda: all(b"registered with master" in log.read_bytes() for log in logs))

    def kill_worker(self) -> None:
        """End the last worker with all that it runs, as a machine that goes dark does."""
        kill(self._processes.pop())

    def stop(self) -> None:
        """End what still runs."""
        for process in reversed(self._processes):
            kill(process)

    def _start(self, name: str, *arguments: str) -> None:
        with (self._folder / f"{len(self._processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [self._home / "bin" / "spark-class", f"org.apache.spark.deploy.{name}", *arguments],
                env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        self._processes.append(process)

    def _wait(self, what: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not ready():
            ended = [p for p in self._processes if p.poll() is not None]
            if ended or time.monotonic() > deadline:
                logs = "\n".join(p.read_text(errors="replace")[-2000:] for p in self._folder.glob("*.log"))
                self.stop()
                pytest.fail(f"the {what} of the Spark cluster did not start:\n{logs}")
            time.sleep(0.1)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Return whether somebody listens on a port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and all of its group at once."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _unless_required(reason: str) -> NoReturn:
    if "spark" in os.environ.get("ABSTRACTKG_REQUIRE", "").split(","):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def spark_installed() -> None:
    """Skip where Spark cannot run (fail where it is required)."""
    if find_spec("pyspark") is None:
        _unless_required("pyspark is missing: pip install 'abstractkg[spark]'")
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        _unless_required("Java is missing: apt-get install default-jre-headless")


@pytest.fixture(scope="module")
def spark_python_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of Python modules that the cluster and those who use it can import."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def spark_cluster(
    spark_installed: None, spark_python_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StandaloneCluster]:
    """Give a cluster without workers."""
    cluster = StandaloneCluster(tmp_path_factory.mktemp("spark"), spark_python_path)
    yield cluster
    cluster.stop()
