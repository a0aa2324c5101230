"""The predictor as SageMaker runs it: the container's folders, environment and functions."""

import ast
import contextlib
import http.client
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import boto3
import moto
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.awsrequest import AWSPreparedRequest

from packshot.errors import DamagedArtifact
from packshot.events.preferences import Preferences
from packshot.preferences.features import feature_names
from packshot.preferences.simulator import CATEGORIES, simulate
from packshot.testing.model_server import ModelServer, serve

Served = object
"""A loaded model; what it is, is its module's own affair."""
SOURCE = Path(__file__).resolve().parents[2] / "functions" / "preference_model"
NOW = 1_640_000_000.0
WEEK = 7 * 86_400


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what a training job leaves behind."""
    opt = tmp_path_factory.mktemp("ml")
    channel, model = opt / "input" / "data" / "train", opt / "model"
    channel.mkdir(parents=True)
    columns = simulate(customers=60, days=450, seed=41).columns
    names = ("customer", "time", "order", "item", "category", "price", "brand", "style", "discount")
    pq.write_table(pa.table({n: getattr(columns, n).tolist() for n in names}), channel / "part-0.parquet")
    environment = {**os.environ, "SM_CHANNEL_TRAIN": str(channel), "SM_MODEL_DIR": str(model)}
    subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(SOURCE / "train.py"), "--threads", "1", "--version", "1"],
        env=environment,
        check=True,
        capture_output=True,
    )
    return model


@pytest.fixture(scope="module")
def inference() -> ModuleType:
    """Return the serving module."""
    spec = importlib.util.spec_from_file_location("preference_inference", SOURCE / "inference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def model(inference: ModuleType, model_folder: Path) -> Served:
    """Return the model, loaded for serving."""
    return inference.model_fn(str(model_folder))


def ask(inference: ModuleType, model: Served, **body: object) -> dict[str, object]:
    """Send a request through all four functions."""
    question = inference.input_fn(json.dumps({"now": NOW, **body}), "application/json")
    text, media_type = inference.output_fn(inference.predict_fn(question, model), "application/json")
    assert media_type == "application/json"
    return json.loads(text)  # type: ignore[no-any-return] # whatever JSON it is


def bought(category: str, weeks_ago: float) -> dict[str, object]:
    """Return a purchase."""
    return {"time": NOW - weeks_ago * WEEK, "category": category, "price": 60.0, "brand": "alder"}


def test_a_history_is_answered_by_three_categories(inference: ModuleType, model: Served) -> None:
    """Three known categories, the likeliest first, with both probabilities and the model's version."""
    answer = ask(inference, model, purchases=[bought("shoes", 9), bought("jeans", 2)])
    told = answer["next"]
    assert isinstance(told, list)
    assert len(told) == 3
    assert {entry["category"] for entry in told} <= set(CATEGORIES)
    assert told[0]["probability"] >= told[1]["probability"] >= told[2]["probability"] > 0
    assert all(0 < entry["within_30_days"] <= entry["within_90_days"] < 1 for entry in told)
    assert all(entry["because"] for entry in told)
    assert answer["model"] == "1"


def test_an_answer_is_the_contract_s(inference: ModuleType, model: Served) -> None:
    """With a history or without, the answer is `Preferences` as it stands, heads and basis included."""
    strange = {"time": NOW - WEEK, "category": "hovercraft"}
    full = [bought("shoes", 9) | {"style": "classic", "discount": 0.25, "order": "7"}, strange]
    for purchases in (full, [strange], []):
        found = Preferences.model_validate_json(json.dumps(ask(inference, model, purchases=purchases)))
        assert found.next
        assert {entry.name for entry in found.price_bands} == {"low", "middle", "high"}
        assert found.brands
        assert found.styles
        assert found.basis.unknown_categories == len(purchases) - found.basis.visits


def test_old_visits_are_left_out_and_counted(inference: ModuleType, model: Served) -> None:
    """Of more than 200 days of buying the last 200 count, and the answer says what did not."""
    days = [bought("shoes", n / 7) for n in range(1, 231)]
    basis = ask(inference, model, purchases=days)["basis"]
    assert (basis["visits"], basis["oldest_purchases_left_out"]) == (200, 30)  # type: ignore[index] # JSON


def test_no_history_is_popularity_and_says_so(inference: ModuleType, model: Served) -> None:
    """Nobody's history is no error, and it is labelled."""
    answer = ask(inference, model, purchases=[])
    assert answer["basis"]["kind"] == "popularity"  # type: ignore[index] # JSON


def test_the_future_is_left_out_and_counted(inference: ModuleType, model: Served) -> None:
    """A purchase at or after now changes no probability."""
    past = [bought("shoes", 9)]
    one, other = (ask(inference, model, purchases=[*past, *more]) for more in ([], [bought("belt", 0)]))
    assert one["next"] == other["next"]
    assert other["basis"]["future_purchases_left_out"] == 1  # type: ignore[index] # JSON


def test_the_order_of_purchases_means_nothing(inference: ModuleType, model: Served) -> None:
    """A history may come in any order."""
    history = [bought("shoes", 9), bought("jeans", 2), bought("belt", 30)]
    assert ask(inference, model, purchases=history) == ask(inference, model, purchases=history[::-1])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"purchases": 3}', "purchases"),
        ("[]", "purchases"),
        ("{", "body"),
        ("[" * 200_000, "body"),
        ('{"now": 1' + "0" * 400 + ', "purchases": []}', "now"),
        ('{"purchases": [{"time": 1' + "0" * 400 + ', "category": "shoes"}]}', "purchases.0.time"),
        (
            '{"purchases": [{"time": 1, "category": "shoes", "price": 1' + "0" * 4000 + "}]}",
            "purchases.0.price",
        ),
        ('{"now": NaN, "purchases": []}', "now"),
        ('{"now": true, "purchases": []}', "now"),
        ('{"now": 1e300, "purchases": []}', "now"),
        ('{"purchases": [7]}', "purchases.0"),
        ('{"purchases": [{"time": 1, "category": "shoes", "price": -5}]}', "purchases.0.price"),
        ('{"purchases": [{"time": 1, "category": "shoes", "price": Infinity}]}', "purchases.0.price"),
        ('{"purchases": [{"time": 1, "category": "shoes", "discount": 2}]}', "purchases.0.discount"),
        ('{"purchases": [{"time": 1, "category": "shoes", "brand": 7}]}', "purchases.0.brand"),
        ('{"purchases": [{"time": "1", "category": "shoes"}]}', "purchases.0.time"),
        ('{"purchases": [{"category": "shoes"}]}', "purchases.0.time"),
        ('{"purchases": [{"time": 1}]}', "purchases.0.category"),
        ('{"purchases": [{"time": 1, "category": 3}]}', "purchases.0.category"),
    ],
)
def test_a_bad_request_names_its_field(inference: ModuleType, body: str, field: str) -> None:
    """What cannot be answered is refused with the field at fault."""
    with pytest.raises(inference.InvalidRequest, match=rf"^{re.escape(field)}:") as refused:
        inference.input_fn(body, "application/json")
    assert refused.value.status_code == 422


def test_a_very_long_history_is_answered(inference: ModuleType, model: Served) -> None:
    """100,000 purchases are capped at the last days and answered; one more is refused."""
    row = bought("shoes", 3)
    many = [{**row, "time": NOW - 60.0 * (n + 1)} for n in range(100_000)]
    answer = ask(inference, model, purchases=many)
    assert answer["basis"]["visits"] <= 200  # type: ignore[index] # JSON
    with pytest.raises(inference.InvalidRequest, match=r"^purchases:"):
        inference.input_fn(json.dumps({"purchases": [*many, row]}), "application/json")


def test_the_archive_has_its_card(model_folder: Path) -> None:
    """It says until when, from how much and on what was learned, and how the trials did."""
    card = (model_folder / "MODEL_CARD.md").read_text("utf-8")
    figures = json.loads((model_folder / "training.json").read_text("utf-8"))
    metadata = json.loads((model_folder / "metadata.json").read_text("utf-8"))
    until, tried = datetime.fromtimestamp(metadata["fitted_until"], UTC), metadata["tried"]
    assert card.startswith("# Predictor 1:")
    assert f"{figures['moments']} returning visits before {until:%Y-%m-%d} (UTC)" in card
    assert ", ".join(sorted(CATEGORIES)) in card
    counts = re.search(r"gain: (.*)\.\n", card)
    assert counts
    named = [re.fullmatch(r"(.*) \(\d+%\)", entry) for entry in counts[1].split(", ")]
    assert len(named) == 8
    assert {found[1] for found in named if found} < set(feature_names())
    assert f"in trials on {tried['moments']} later visits" in card
    assert f"log-loss {tried['log_loss']:.3f}, frequency + Markov {tried['simple_log_loss']:.3f}" in card


def test_the_archive_serves_by_itself(model_folder: Path) -> None:
    """The model's own `code/` answers in a fresh interpreter without this repository and without pydantic."""
    script = (
        "import sys; sys.modules['pydantic'] = None;"
        "import inference, packshot, json;"
        f"m = inference.model_fn({str(model_folder)!r});"
        "q = inference.input_fn(json.dumps({'now': 1.64e9, 'purchases': []}), 'application/json');"
        "print(packshot.__file__); print(inference.output_fn(inference.predict_fn(q, m), '')[0])"
    )
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(model_folder / "code"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        cwd=model_folder / "code",
    )
    place, answer = done.stdout.splitlines()
    assert place.startswith(str(model_folder))
    assert len(json.loads(answer)["next"]) == 3


def test_the_archive_can_be_read_by_the_container_s_python(model_folder: Path) -> None:
    """SageMaker's container has Python 3.10: nothing in `code/` is written in a newer one."""
    sources = sorted((model_folder / "code").rglob("*.py"))
    assert len(sources) > 20
    for source in sources:
        ast.parse(source.read_text("utf-8"), feature_version=(3, 10))


def post(server: ModelServer, body: bytes) -> tuple[int, bytes]:
    """Send a request to a server; return the status and the answer."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
        with connection.getresponse() as answered:
            return answered.status, answered.read()


def test_the_archive_is_served_over_http(model_folder: Path) -> None:
    """A server with two processes answers as the functions do, names the field of a bad request, and ends."""
    purchases = [bought("shoes", 9), bought("jeans", 2)]
    with serve(model_folder) as server:
        status, said = post(server, json.dumps({"now": NOW, "purchases": purchases}).encode())
        assert status == 200
        assert Preferences.model_validate_json(said).basis.visits == 2
        status, said = post(server, b'{"purchases": [7]}')
        assert status == 422
        assert said.startswith(b"purchases.0:")
        assert post(server, b"\xff\xfe")[0] == 422
        assert post(server, b"[" * 200_000)[0] == 422
        assert post(server, b" " * 26_000_000)[0] == 413
        workers = server.workers
    assert len(workers) == 2
    for pid in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_the_seed_counts_until_there_is_a_model(root: Path, tmp_path: Path) -> None:
    """The archive that a deployment begins with answers by the same contract, and claims no model."""
    shutil.copytree(root / "functions" / "preference_model" / "seed", tmp_path / "model" / "code")
    purchases = [bought("shoes", 9), bought("shoes", 40), bought("jeans", 2), bought("bags", -5)]
    with serve(tmp_path / "model", workers=1) as server:
        status, said = post(server, json.dumps({"now": NOW, "purchases": purchases}).encode())
        assert status == 200
        told = Preferences.model_validate_json(said)
        assert [each.category for each in told.next] == ["shoes", "jeans"]
        assert sum(each.probability for each in told.next) < 1
        assert (told.basis.kind, told.basis.visits, told.model) == ("frequency", 3, "")
        assert told.basis.future_purchases_left_out == 1
        nested, huge = b"[" * 200_000, b'{"now": 1' + b"0" * 400 + b', "purchases": []}'
        refused = (b'{"purchases": [7]}', b'{"purchases": 7}', b"{", b'{"now": NaN, "purchases": []}')
        for body in (*refused, nested, huge):
            assert post(server, body)[0] == 422


def test_a_client_of_aws_reaches_the_server(model_folder: Path) -> None:
    """boto3's own `invoke_endpoint` is answered, and a refusal is a model error with its status."""
    with serve(model_folder, workers=1) as server:
        client = boto3.client(
            "sagemaker-runtime",
            endpoint_url=server.url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",  # noqa: S106 - nobody looks at it
        )
        path = f"{server.url}/invocations"
        client.meta.events.register("before-send.sagemaker-runtime", lambda request, **_: _aim(request, path))
        body = json.dumps({"now": NOW, "purchases": []})
        told = client.invoke_endpoint(EndpointName="any", ContentType="application/json", Body=body)
        assert Preferences.model_validate_json(told["Body"].read()).basis.kind == "popularity"


def _aim(request: AWSPreparedRequest, url: str) -> None:
    # The server knows the container's paths alone; what stands before it on AWS translates them.
    request.url = url


def test_a_model_that_does_not_load_is_not_served(model_folder: Path, tmp_path: Path) -> None:
    """The server says why, and leaves nothing behind."""
    copy = tmp_path / "model"
    shutil.copytree(model_folder, copy)
    (copy / "world.npz").write_bytes(b"")
    with pytest.raises(DamagedArtifact, match="cannot be read"), serve(copy):
        pass


def test_a_folder_that_is_no_model_is_said_to_be_none(tmp_path: Path) -> None:
    """By hand there is a sentence, not a traceback; so there is for a training of nothing."""
    server = [sys.executable, "-m", "packshot.testing.model_server", str(tmp_path)]
    train = [sys.executable, str(SOURCE / "train.py")]
    here = {"SM_CHANNEL_TRAIN": str(tmp_path / "none"), "SM_MODEL_DIR": str(tmp_path)}
    for command, environment, said in (
        (server, {}, "it has no code/inference.py"),
        (train, {}, "SM_CHANNEL_TRAIN is not set"),
        (train, here, "cannot be read as Parquet"),
    ):
        done = subprocess.run(  # noqa: S603 - our own scripts
            command,
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_workers_end_with_whoever_serves(model_folder: Path) -> None:
    """Killed without warning, a server leaves no process behind."""
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "packshot.testing.model_server", str(model_folder), "--workers", "1"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    address = process.stdout.readline().strip()
    port = int(address.rpartition(":")[2])
    process.kill()
    process.wait()
    process.stdout.close()
    limit = time.monotonic() + 5
    while time.monotonic() < limit and _listens(port):
        time.sleep(0.1)
    assert not _listens(port)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@pytest.fixture
def launch() -> ModuleType:
    """Return the script that launches a job by hand."""
    spec = importlib.util.spec_from_file_location("preference_launch", SOURCE / "launch.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BY_HAND = ["--role", "arn:aws:iam::123456789012:role/training", "--purchases", "s3://shop/snapshots/1/train/"]


def test_a_job_by_hand_is_the_role_s_to_run(
    launch: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SageMaker's own SDK starts it: code and purchases lie where the training role may read."""
    pytest.importorskip("sagemaker.train", reason="the SDK has a dependency group of its own")
    code = tmp_path / "source-1.tar.gz"
    code.write_bytes(b"")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    arguments = [
        *BY_HAND,
        "--output",
        "s3://shop/candidates",
        "--parameter",
        "seeds=1",
        "--source",
        str(code),
    ]
    monkeypatch.setattr(sys, "argv", ["launch.py", *arguments])
    with moto.mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="shop")
        boto3.client("iam").create_role(RoleName="training", AssumeRolePolicyDocument="{}")
        assert launch.main() == 0
        sagemaker = boto3.client("sagemaker", region_name="us-east-1")
        (name,) = (job["TrainingJobName"] for job in sagemaker.list_training_jobs()["TrainingJobSummaries"])
        job = sagemaker.describe_training_job(TrainingJobName=name)
    places = {
        part["ChannelName"]: part["DataSource"]["S3DataSource"]["S3Uri"] for part in job["InputDataConfig"]
    }
    assert places["train"] == "s3://shop/snapshots/1/train/"
    assert all(place.startswith("s3://shop/snapshots/") for place in places.values())
    assert job["HyperParameters"] == {"seeds": "1"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [(["--output", "shop"], "s3://"), (["--output", "s3://shop", "--parameter", "seeds"], "NAME=VALUE")],
)
def test_a_slip_of_the_pen_is_named(
    launch: ModuleType,
    wrong: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is no address or no parameter is refused before anything is asked of anybody."""
    monkeypatch.setattr(sys, "argv", ["launch.py", *BY_HAND, *wrong])
    with pytest.raises(SystemExit):
        launch.main()
    assert said in capsys.readouterr().err
