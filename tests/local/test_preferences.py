"""From a dropped file of purchases to a predictor that serves, and what becomes of bad ones."""

import concurrent.futures
import contextlib
import io
import json
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from infrastructure.local import preferences
from infrastructure.local.cloud import Cloud, running_cloud
from infrastructure.local.places import ENVIRONMENT
from infrastructure.local.preferences import Ended
from infrastructure.synth import synth
from layers.build import Target
from packshot.adapters.model_registry import S3ModelRegistry
from packshot.events import Champions, DemandSummary, ModelVersion, Preferences
from packshot.preferences.artifact import save
from packshot.preferences.boosting import Fitting
from packshot.preferences.ledger import Columns
from packshot.preferences.simulator import Simulation, simulate
from packshot.preferences.training import train

CONSOLE = Console(file=io.StringIO())
INFERENCE = Path(__file__).resolve().parents[2] / "functions" / "preference_model" / "inference.py"


@dataclass(frozen=True, slots=True)
class Predictor:
    """The local cloud's predictor, and the shop that it learns from."""

    cloud: Cloud
    shop: Simulation

    def run(self, **request: object) -> Ended:
        """Run the state machine to its end."""
        return preferences.run(self.cloud, request, console=CONSOLE)

    def told(self) -> Preferences:
        """Ask the endpoint about a customer."""
        return next(iter(preferences.ask(self.shop, cloud=self.cloud).values()))

    def champions(self) -> Champions:
        """Return who serves by the registry, and by the endpoint: they have to agree."""
        champions = self.registry.standing().champions
        endpoint = self.cloud.client("sagemaker").describe_endpoint(
            EndpointName=self.cloud.outputs["PreferencesEndpoint"]
        )
        assert endpoint["EndpointStatus"] == "InService"
        assert endpoint["EndpointConfigName"] == champions.champion.endpoint_config
        return champions

    @property
    def registry(self) -> S3ModelRegistry:
        """Who should serve."""
        told = self.cloud.client("lambda").get_function_configuration(
            FunctionName=f"packshot-{ENVIRONMENT.name}-retire-model"
        )["Environment"]["Variables"]["SEED_ENDPOINT_CONFIG"]
        seed = ModelVersion(version="seed", endpoint_config=told, since="2026-01-01T00:00:00Z")
        return S3ModelRegistry(self.bucket, seed=seed, client=self.cloud.client("s3"))

    @contextlib.contextmanager
    def retired(self) -> Iterator[None]:
        """Let an alarm write the registry and die on its way to the endpoint; put all back in the end."""
        before = self.registry.standing()
        assert before.champions.before is not None
        after = Champions(champion=before.champions.before)
        assert self.registry.replace(after, mark=before.mark)
        yield
        assert self.registry.replace(before.champions, mark=self.registry.standing().mark)
        assert self.run(task="demand").status == "SUCCEEDED"

    def hold(self, task: str, *, seconds: float) -> None:
        """Let another run have the lock."""
        item = {"pk": "TRAINING", "sk": "RUN", "execution": "another", "task": task}
        self.cloud.client("dynamodb").put_item(
            TableName=self.cloud.outputs["CatalogueTable"],
            Item={name: {"S": value} for name, value in item.items()}
            | {"until": {"N": f"{(time.time() + seconds) * 1000:.0f}"}},
        )

    @property
    def bucket(self) -> str:
        """Where purchases and models lie."""
        return self.cloud.outputs["PurchasesBucket"]

    def read(self, key: str) -> bytes:
        """Return an object of the bucket."""
        body: bytes = self.cloud.client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body

    def put(self, archive: bytes) -> str:
        """Put an archive where a person would who trained by hand, and return its key."""
        key = f"candidates/by-hand-{time.time_ns()}/model.tar.gz"
        self.cloud.client("s3").put_object(Bucket=self.bucket, Key=key, Body=archive)
        return key

    def dead_letters(self) -> list[dict[str, Any]]:
        """Take the messages out of the training's queue."""
        queue, url = self.cloud.client("sqs"), self.cloud.outputs["TrainingDeadLetterQueueUrl"]
        found = []
        for each in queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            queue.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
            found.append(json.loads(each["Body"]))
        return found


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Stand a cloud of its own up: what is foreseen here must not plan the photos of other tests."""
    assembly = synth(ENVIRONMENT.name, target=Target.LOCAL)
    with running_cloud(assembly, state=tmp_path_factory.mktemp("predictor")) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def learned(cloud: Cloud) -> tuple[Predictor, Ended]:
    """Return a predictor that was trained on a simulated shop's file, and how that went."""
    shop = simulate(customers=400, days=400, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "simulated.parquet"
        preferences.write_parquet(shop, file)
        assert preferences.drop(file, cloud=cloud) == len(shop.columns)
    predictor = Predictor(cloud, shop)
    assert predictor.told().basis.kind == "frequency"
    return predictor, predictor.run(parameters=preferences.QUICK)


@pytest.fixture
def predictor(learned: tuple[Predictor, Ended]) -> Iterator[Predictor]:
    """Return a predictor whose champion is a model; its queue is empty before and after."""
    found, _ = learned
    yield found
    assert found.dead_letters() == []


def test_purchases_become_a_model_that_serves(learned: tuple[Predictor, Ended]) -> None:
    """What was dropped is recorded, trained on, judged, served and asked, and the registry says so."""
    predictor, ended = learned

    assert ended.status == "SUCCEEDED", ended.error
    assert ended.outcome["promoted"] is True
    champion = predictor.champions().champion
    assert champion.version == ended.outcome["version"]
    answer = predictor.told()
    assert answer.model == champion.version
    assert answer.basis.kind == "history"
    assert len(answer.next) == 3
    report = json.loads(predictor.read(champion.evaluation))
    assert report["promote"] is True
    assert report["scores"]["candidate"]["log_loss"] < report["scores"]["frequency + Markov"]["log_loss"]


def test_the_model_learned_from_no_day_that_judges_it(learned: tuple[Predictor, Ended]) -> None:
    """The days of the report are the shop's last, and the training job was the container's script."""
    predictor, ended = learned
    report = json.loads(predictor.read(ended.outcome["report"]))
    newest = float(predictor.shop.columns.time.max())

    assert newest - 31 * 86_400 <= report["since"] < report["until"] <= newest + 2
    job = predictor.cloud.client("sagemaker").describe_training_job(TrainingJobName=ended.outcome["version"])
    assert job["TrainingJobStatus"] == "Completed"
    assert job["HyperParameters"]["sagemaker_program"] == "train.py"


def test_demand_is_foreseen(predictor: Predictor) -> None:
    """The day's run writes what the champion expects of each category, without training anything."""
    ended = predictor.run(task="demand")
    assert ended.status == "SUCCEEDED", ended.error
    assert "TrainModel" not in ended.states

    demand = DemandSummary.model_validate_json(predictor.read("demand/latest.json"))
    assert demand.model == predictor.champions().champion.version
    assert demand.customers == len(set(predictor.shop.columns.customer))
    assert sum(each.share for each in demand.categories) == pytest.approx(1, abs=1e-6)
    assert {each.kind for each in demand.categories} >= {"shoes", "jeans", "dresses", "bags"}
    assert predictor.read(f"demand/history/{demand.made_at:%Y-%m-%d}.json") == predictor.read(
        "demand/latest.json"
    )


WRONG = """
_right = predict_fn

def predict_fn(question, model):
    answer = _right(question, model)
    for each in answer["next"]:
        each["probability"] = 0.5
    return answer
"""


def shuffled(columns: Columns) -> Columns:
    """Return purchases of which nothing can be learned: whoever bought what is mixed up."""
    rng = np.random.default_rng(0)
    return replace(columns, category=rng.permutation(columns.category))


def archive_of(columns: Columns, *, inference: str) -> bytes:
    """Train a model by hand and pack it as SageMaker would."""
    trained = train(columns, version="by-hand", fitting=Fitting(threads=1, most=15), seeds=(0,), rounds=15)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save(trained.predictor, folder, golden=trained.golden)
        (folder / "code").mkdir()
        (folder / "code" / "inference.py").write_text(inference)
        return packed(folder)


def packed(folder: Path) -> bytes:
    """Return what a folder holds as a tar.gz."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        archive.add(folder, arcname=".")
    return file.getvalue()


def with_code(archive: bytes, change: Callable[[str], str]) -> bytes:
    """Return a model's archive with another `code/inference.py`."""
    with tempfile.TemporaryDirectory() as name:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as files:
            files.extractall(name, filter="data")
        script = Path(name) / "code" / "inference.py"
        script.write_text(change(script.read_text()))
        return packed(Path(name))


def test_a_worse_candidate_is_refused(predictor: Predictor) -> None:
    """It is judged, its report is kept, and the champion serves on as before."""
    before = predictor.champions()
    key = predictor.put(archive_of(shuffled(predictor.shop.columns), inference=INFERENCE.read_text()))

    ended = predictor.run(archive=key)

    assert ended.status == "SUCCEEDED", ended.error
    assert ended.outcome["promoted"] is False
    assert any("log-loss" in reason for reason in ended.outcome["reasons"])
    assert json.loads(predictor.read(ended.outcome["report"]))["promote"] is False
    assert "UpdateEndpoint" not in ended.states
    assert predictor.champions() == before
    assert predictor.told().model == before.champion.version


def test_what_is_no_model_is_refused(predictor: Predictor) -> None:
    """An archive that cannot be opened is a verdict, not a failure."""
    ended = predictor.run(archive=predictor.put(b"this is no archive"))

    assert ended.status == "SUCCEEDED", ended.error
    assert ended.outcome["promoted"] is False
    assert "DamagedArtifact" in ended.outcome["reasons"][0]


@pytest.mark.parametrize(
    ("ill", "told"),
    [
        ("def predict_fn(question, model):\n    raise RuntimeError('ill')\n", "golden question"),
        ("def model_fn(model_dir):\n    raise RuntimeError('ill')\n", "did not come into service"),
        (
            WRONG,
            "0.5000 was told",
        ),
    ],
    ids=["it fails", "it does not load", "it answers wrong"],
)
def test_a_sick_model_never_stays(learned: tuple[Predictor, Ended], ill: str, told: str) -> None:
    """However a promising candidate is ill on its endpoint, the champion is back and somebody hears of it."""
    predictor, _ = learned
    before = predictor.champions()
    healthy = predictor.read(before.champion.archive)
    key = predictor.put(with_code(healthy, lambda code: f"{code}\n\n{ill}"))

    ended = predictor.run(archive=key)

    assert ended.status == "FAILED"
    assert ended.error.startswith("SickModel")
    assert told in ended.error
    assert predictor.champions() == before
    assert predictor.told().model == before.champion.version
    (letter,) = predictor.dead_letters()
    assert letter["error"] == "SickModel"


def test_a_return_that_died_on_its_way_is_ended(predictor: Predictor) -> None:
    """The registry was written and the endpoint never moved: the alarm's next event moves it."""
    with predictor.retired():
        ended = predictor.run(retire="again")

        assert ended.status == "SUCCEEDED", ended.error
        assert "PutChampionBack" in ended.states
        assert "is not the champion's" in ended.outcome["why"]
        assert predictor.champions().champion.version == "seed"
        assert predictor.told().basis.kind == "frequency"


SLOW = """
import time

def model_fn(model_dir):
    time.sleep(5)
    raise RuntimeError('ill')
"""


def test_a_return_while_a_candidate_loads_has_the_last_word(learned: tuple[Predictor, Ended]) -> None:
    """The run that brought the candidate knew another champion; who had to leave does not come back."""
    predictor, _ = learned
    before, sagemaker = predictor.champions(), predictor.cloud.client("sagemaker")
    key = predictor.put(with_code(predictor.read(before.champion.archive), lambda code: f"{code}\n\n{SLOW}"))
    endpoint = predictor.cloud.outputs["PreferencesEndpoint"]

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        run = pool.submit(predictor.run, archive=key)
        while sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] != "Updating":
            assert not run.done()
            time.sleep(0.1)
        with predictor.retired():
            assert "SickModel" in run.result().error
            assert predictor.champions().champion.version == "seed"
    assert len(predictor.dead_letters()) == 1


def test_demand_holds_up_no_training(learned: tuple[Predictor, Ended]) -> None:
    """Both schedules fire at once each week: the training waits, and a job that fails leaves the champion."""
    predictor, _ = learned
    before = predictor.champions()
    predictor.hold("demand", seconds=5)

    ended = predictor.run(parameters={"rounds": "nonsense"})

    assert "WaitForTheOther" in ended.states
    assert "TrainModel" in ended.states
    assert ended.status == "FAILED"
    assert "nonsense" in predictor.dead_letters()[0]["cause"]
    assert predictor.champions() == before


def test_one_training_at_a_time(predictor: Predictor) -> None:
    """Another does what this one would have done; but nobody judges an archive for another."""
    predictor.hold("model", seconds=5)
    assert predictor.run().outcome == {"running": True}
    assert predictor.run(task="demand").outcome == {"running": True}

    ended = predictor.run(archive=predictor.put(b"this is no archive"))

    assert "WaitForTheOther" in ended.states
    assert "DamagedArtifact" in ended.outcome["reasons"][0]


def test_a_person_is_told_what_became_of_it(predictor: Predictor) -> None:
    """Of an archive that is none, of a return without a reason, and of who serves."""
    said = Console(file=io.StringIO(), width=200)
    key = predictor.put(b"this is no archive")
    assert preferences.train(predictor.cloud, quick=True, archive=key, console=said)
    assert not preferences.retire("", cloud=predictor.cloud, console=said)
    preferences.show(predictor.cloud, console=said)

    text = said.file.getvalue()  # type: ignore[attr-defined] # a StringIO
    assert "was not taken" in text
    assert "DamagedArtifact: the archive holds no model" in text
    assert "Nothing changed: " in text
    assert f"{predictor.champions().champion.version} serves since" in text
    assert len(predictor.dead_letters()) == 1


def test_old_models_are_discarded(predictor: Predictor) -> None:
    """The newest stay, and who serves or would again; the seed is none of them."""
    sagemaker, names = predictor.cloud.client("sagemaker"), []
    for number in range(7):
        names.append(f"packshot-{ENVIRONMENT.name}-2025110{number}T030000-abcdef")
        sagemaker.create_model(ModelName=names[-1], ExecutionRoleArn="arn:aws:iam::000000000000:role/any")
        if number:
            variant = {"VariantName": "champion", "ModelName": names[-1]}
            sagemaker.create_endpoint_config(EndpointConfigName=names[-1], ProductionVariants=[variant])

    ended = predictor.run(task="demand")

    assert ended.status == "SUCCEEDED", ended.error
    champions = predictor.champions()
    left = {each["ModelName"] for each in sagemaker.list_models(MaxResults=100)["Models"]}
    assert left == {*names[2:], *champions.configurations}
    for name in names[:2]:
        with pytest.raises(ClientError, match="Could not find"):
            sagemaker.describe_endpoint_config(EndpointConfigName=name)


def test_a_deployment_that_puts_the_seed_back_is_mended(predictor: Predictor) -> None:
    """The next run finds that another than the champion serves, and changes that."""
    before, sagemaker = predictor.champions(), predictor.cloud.client("sagemaker")
    assert before.before is not None
    sagemaker.update_endpoint(
        EndpointName=predictor.cloud.outputs["PreferencesEndpoint"],
        EndpointConfigName=before.before.endpoint_config,
    )

    ended = predictor.run(task="demand")

    assert ended.status == "SUCCEEDED", ended.error
    assert "PutChampionBack" in ended.states
    assert predictor.champions() == before


def ring(cloud: Cloud) -> dict[str, Any]:
    """Let the endpoint's alarm end ringing, then ring, and return the one execution that this starts."""
    alarms = cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]
    (name,) = [
        each["AlarmName"] for each in alarms if "predictor's endpoint fails" in each["AlarmDescription"]
    ]
    states, machine = cloud.client("stepfunctions"), cloud.outputs["TrainPreferencesArn"]
    known = {each["executionArn"] for each in states.list_executions(stateMachineArn=machine)["executions"]}
    for state in ("OK", "ALARM"):
        cloud.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        runs = states.list_executions(stateMachineArn=machine)["executions"]
        new = [each for each in runs if each["executionArn"] not in known and each["status"] != "RUNNING"]
        if new:
            (run,) = new
            found: dict[str, Any] = states.describe_execution(executionArn=run["executionArn"])
            return found
        time.sleep(0.1)
    raise AssertionError("the alarm started nothing")


def test_an_alarm_brings_the_model_before_back(learned: tuple[Predictor, Ended]) -> None:
    """CloudWatch's event starts the return by itself; a second alarm finds nobody to go back to."""
    predictor, _ = learned
    before = predictor.champions()
    assert before.before is not None

    ended = ring(predictor.cloud)

    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["input"])["retire"].startswith("the alarm rang at ")
    after = predictor.champions()
    assert after.champion.version == before.before.version
    assert after.retired[0].startswith(f"{before.champion.version}: the alarm rang at ")
    assert predictor.told().basis.kind == "frequency"
    assert predictor.run(retire="again").outcome["retired"] is False
    assert after.before is None
