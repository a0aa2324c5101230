"""A training job as SageMaker runs it, and how quickly its archive answers over HTTP."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from packshot.errors import InvalidPurchases
from packshot.preferences.ledger import Columns, coded
from packshot.testing.model_server import HOST, serve

TRAIN = Path(__file__).resolve().parents[2] / "functions" / "preference_model" / "train.py"
CLIENTS = 2
"""As many ask at once as there are processes to answer."""
HISTORIES = 300
ROUNDS = 4
LONGEST = 200
"""Letters of a word that a request may have."""
DEAREST = 1e9
_WARM_UP = 60


@dataclass(frozen=True, slots=True)
class Job:
    """What a training job left behind, and what it cost; the archive's size is packed."""

    folder: Path
    train_s: float
    peak_mib: float
    archive_kib: float


@dataclass(frozen=True, slots=True)
class Latency:
    """How raw histories are answered over HTTP, a connection each: to one client, and to several at once.

    `cpu_ms` is what an answer costs the server's processes, which a busy machine changes least; NaN where the
    system does not tell.
    """

    workers: int
    lines: float
    alone_p50_ms: float
    alone_p99_ms: float
    p50_ms: float
    p99_ms: float
    requests_a_second: float
    cpu_ms: float
    cold_load_s: float


def run_job(columns: Columns, *, apart_days: float, place: Path, threads: int) -> Job:
    """Run `train.py` in the container's layout; nothing of the last days is fitted on."""
    channel, model = place / "input" / "data" / "train", place / "model"
    channel.mkdir(parents=True)
    table = pa.table({field.name: pa.array(getattr(columns, field.name)) for field in fields(Columns)})
    pq.write_table(table, channel / "purchases.parquet")
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(TRAIN), "--threads", str(threads), "--apart-days", str(apart_days)],
        # Threads that spin while they wait would be measured, too; a training job has its cores to itself.
        env={
            "OMP_WAIT_POLICY": "passive",
            **os.environ,
            "SM_CHANNEL_TRAIN": str(channel),
            "SM_MODEL_DIR": str(model),
        },
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise InvalidPurchases(
            f"train.py ended with {done.returncode}: {done.stderr.strip().rpartition(chr(10))[2]}"
        )
    figures = json.loads((model / "training.json").read_text("utf-8"))
    archive = place / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(model, ".")
    return Job(model, figures["train_s"], figures["peak_mib"], archive.stat().st_size / 1024)


def answer_over_http(job: Job, columns: Columns, *, seed: int) -> Latency | None:
    """Ask for customers drawn from the returning ones, with the whole history; None if nobody returns."""
    bodies = list(_requests(columns, seed=seed))
    if not bodies:
        return None
    begun = time.perf_counter()
    with serve(job.folder, workers=CLIENTS) as server:
        cold = time.perf_counter() - begun
        _ask(server.port, bodies[:_WARM_UP])
        spent = _cpu_s(server.workers)
        alone = _ask(server.port, bodies)
        spent = _cpu_s(server.workers) - spent
        busy: list[float] = []
        begun = time.perf_counter()
        clients = [
            threading.Thread(target=lambda: busy.extend(_ask(server.port, bodies * (ROUNDS // CLIENTS))))
            for _ in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        rate = len(busy) / (time.perf_counter() - begun)
    return Latency(
        CLIENTS,
        float(np.mean([len(json.loads(body)["purchases"]) for body in bodies])),
        *_quantiles(alone),
        *_quantiles(busy),
        rate,
        1000 * spent / len(alone),
        cold,
    )


def _cpu_s(workers: Sequence[int]) -> float:
    try:
        stats = [Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split() for pid in workers]
    except OSError:
        return float("nan")
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def _quantiles(seconds: Sequence[float]) -> tuple[float, float]:
    median, worst = np.quantile(seconds, (0.5, 0.99)) * 1000
    return float(median), float(worst)


def _ask(port: int, bodies: Sequence[bytes]) -> list[float]:
    found = []
    for body in bodies:
        begun = time.perf_counter()
        with contextlib.closing(http.client.HTTPConnection(HOST, port, timeout=30)) as connection:
            connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
            with connection.getresponse() as answered:
                said = answered.read()
        if answered.status != http.client.OK:
            raise SystemExit(f"the model's server answered {answered.status}: {said[:200]!r}")
        found.append(time.perf_counter() - begun)
    return found


def _requests(columns: Columns, *, seed: int) -> Iterator[bytes]:
    names, who = coded(columns.customer)
    returning = np.flatnonzero(np.bincount(who) > 1)
    drawn = np.random.default_rng(seed).choice(returning, min(HISTORIES, len(returning)), replace=False)
    order = np.argsort(who, kind="stable")
    starts = np.searchsorted(who[order], np.arange(len(names) + 1))
    now = float(columns.time.max()) + 1
    for customer in drawn:
        rows = order[starts[customer] : starts[customer + 1]]
        purchases = [_purchase(columns, int(row)) for row in rows]
        yield json.dumps({"now": now, "purchases": purchases}).encode()


def _purchase(columns: Columns, row: int) -> dict[str, object]:
    words = {n: getattr(columns, n)[row][:LONGEST] for n in ("category", "brand", "style", "item", "order")}
    numbers = {name: float(getattr(columns, name)[row]) for name in ("price", "discount")}
    known = {name: value for name, value in numbers.items() if 0 <= value <= DEAREST}
    return {"time": float(columns.time[row]), **words, **known}
