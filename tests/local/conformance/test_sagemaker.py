"""SageMaker as AWS has it: jobs train in the container's folders, endpoints serve what they made."""

import io
import json
import os
import signal
import tarfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infrastructure.local.cloud import running_cloud
from layers import model_code
from packshot.events import Preferences
from tests.local.conformance.stand import Conformance, processes_of

ROLE = "arn:aws:iam::000000000000:role/any"
TRAIN = """
import argparse, json, os, shutil, sys
parser = argparse.ArgumentParser()
parser.add_argument("--word")
parser.add_argument("--fail", default="")
chosen = parser.parse_args()
if chosen.fail:
    sys.exit(f"there are no purchases: {chosen.fail}")
seen = sorted(os.listdir(os.environ["SM_CHANNEL_TRAIN"]))
model = os.environ["SM_MODEL_DIR"]
told = {"word": chosen.word, "seen": seen, "job": os.environ["TRAINING_JOB_NAME"]}
with open(os.path.join(model, "told.json"), "w") as file:
    json.dump(told, file)
os.makedirs(os.path.join(model, "code"))
shutil.copy("inference.py", os.path.join(model, "code"))
"""
INFERENCE = """
import json, os

def model_fn(model_dir):
    with open(os.path.join(model_dir, "told.json")) as file:
        told = json.load(file)
    if told["word"] == "sick":
        raise ValueError("this model does not load")
    return told

def input_fn(body, content_type):
    return json.loads(body)

def predict_fn(question, model):
    return {**model, "question": question, "odd": 1 // question.get("divisor", 1)}

def output_fn(answer, accept):
    return json.dumps(answer), "application/json"
"""


def tarball(**files: str) -> bytes:
    """Return a tar.gz of files named `name_ending`."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name.replace("_", "."))
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


@pytest.fixture(scope="module")
def bucket(conformance: Conformance) -> str:
    """Return a bucket with the code and the data of a job."""
    s3, name = conformance.cloud.client("s3"), f"models-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="source.tar.gz", Body=tarball(train_py=TRAIN, inference_py=INFERENCE))
    for part in ("a", "b"):
        s3.put_object(Bucket=name, Key=f"lines/{part}.parquet", Body=b"rows")
    return name


def job(bucket: str, name: str, **parameters: str) -> dict[str, Any]:
    """Return a request for a training job."""
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": "xgboost", "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "HyperParameters": {
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": f"s3://{bucket}/source.tar.gz",
            **parameters,
        },
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/lines/"}},
            }
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }


@pytest.fixture
def train(conformance: Conformance, bucket: str, until: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """Return what runs a job to its end."""
    sagemaker = conformance.cloud.client("sagemaker")

    def run(**parameters: str) -> dict[str, Any]:
        name = f"job-{uuid.uuid4().hex[:8]}"
        sagemaker.create_training_job(**job(bucket, name, **parameters))

        def ended() -> dict[str, Any] | None:
            found = sagemaker.describe_training_job(TrainingJobName=name)
            return None if found["TrainingJobStatus"] == "InProgress" else found

        found: dict[str, Any] = until(ended, seconds=30)
        return found

    return run


@pytest.fixture
def configure(conformance: Conformance, train: Callable[..., dict[str, Any]]) -> Callable[[str], str]:
    """Return what trains a model that says a word, and names its endpoint configuration."""
    sagemaker = conformance.cloud.client("sagemaker")

    def make(word: str) -> str:
        archive = train(word=word)["ModelArtifacts"]["S3ModelArtifacts"]
        name = f"model-{uuid.uuid4().hex[:8]}"
        sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": "xgboost", "ModelDataUrl": archive},
        )
        variant = {
            "VariantName": "champion",
            "ModelName": name,
            "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
        }
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        return name

    return make


@pytest.fixture
def served(conformance: Conformance, configure: Callable[[str], str]) -> str:
    """Return an endpoint that says `first`."""
    name = f"endpoint-{uuid.uuid4().hex[:8]}"
    conformance.cloud.client("sagemaker").create_endpoint(
        EndpointName=name, EndpointConfigName=configure("first")
    )
    return name


def ask(conformance: Conformance, endpoint: str, **question: int) -> dict[str, Any]:
    """Invoke an endpoint."""
    runtime = conformance.cloud.client("sagemaker-runtime")
    body = json.dumps(question)
    answer = runtime.invoke_endpoint(EndpointName=endpoint, ContentType="application/json", Body=body)
    found: dict[str, Any] = json.loads(answer["Body"].read())
    return found


def move(
    conformance: Conformance, endpoint: str, configuration: str, until: Callable[..., Any]
) -> dict[str, Any]:
    """Update an endpoint and wait until it is in service again."""
    sagemaker = conformance.cloud.client("sagemaker")
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=configuration)

    def settled() -> dict[str, Any] | None:
        found = sagemaker.describe_endpoint(EndpointName=endpoint)
        return None if found["EndpointStatus"] == "Updating" else found

    found: dict[str, Any] = until(settled, seconds=60)
    return found


def test_a_job_is_trained_and_served(conformance: Conformance, served: str) -> None:
    """The script gets channel, hyperparameters and names, and its archive answers behind boto3."""
    answer = ask(conformance, served, divisor=1)

    assert answer["word"] == "first"
    assert answer["seen"] == ["a.parquet", "b.parquet"]
    assert answer["job"].startswith("job-")
    assert answer["question"] == {"divisor": 1}


def test_a_job_that_fails_says_why(conformance: Conformance, train: Callable[..., dict[str, Any]]) -> None:
    """The last words of the script are the reason, as SageMaker shows them; no copy of the data stays."""
    found = train(word="any", fail="the shop is new")

    assert found["TrainingJobStatus"] == "Failed"
    assert found["FailureReason"].startswith("AlgorithmError: there are no purchases: the shop is new")
    assert not (conformance.cloud.state / "scratch" / "training" / found["TrainingJobName"]).exists()


def test_a_job_without_data_fails(conformance: Conformance, bucket: str, until: Callable[..., Any]) -> None:
    """An empty channel is an error, as on AWS."""
    sagemaker, name = conformance.cloud.client("sagemaker"), f"job-{uuid.uuid4().hex[:8]}"
    request = job(bucket, name, word="any")
    request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = f"s3://{bucket}/nothing/"
    sagemaker.create_training_job(**request)

    def failed() -> str | None:
        found = sagemaker.describe_training_job(TrainingJobName=name)
        reason: str | None = found.get("FailureReason")
        return reason

    assert "No S3 objects found" in until(failed, seconds=30)


def test_an_endpoint_moves_to_another_model(
    conformance: Conformance, served: str, configure: Callable[[str], str], until: Callable[..., Any]
) -> None:
    """After an update the other model answers, and the first is gone."""
    assert ask(conformance, served)["word"] == "first"

    found = move(conformance, served, configure("second"), until)

    assert found["EndpointStatus"] == "InService"
    assert ask(conformance, served)["word"] == "second"
    assert len(unpacked(conformance, served)) == 1


def test_a_model_that_does_not_load_never_serves(
    conformance: Conformance, served: str, configure: Callable[[str], str], until: Callable[..., Any]
) -> None:
    """The update fails with the model's last words, and the model before goes on."""
    before = conformance.cloud.client("sagemaker").describe_endpoint(EndpointName=served)
    found = move(conformance, served, configure("sick"), until)

    assert found["EndpointConfigName"] == before["EndpointConfigName"]
    assert "did not pass the ping health check" in found["FailureReason"]
    assert ask(conformance, served)["word"] == "first"
    assert len(unpacked(conformance, served)) == 1


def test_a_server_that_dies_is_started_again(
    conformance: Conformance, served: str, until: Callable[..., Any]
) -> None:
    """SageMaker replaces a container that ends; so does the local cloud, at the next question."""
    assert ask(conformance, served)["word"] == "first"
    (folder,) = unpacked(conformance, served)
    (server,) = [
        process
        for process in processes_of(conformance.cloud.state)
        if {"-m", str(folder)} <= words_of(process)
    ]
    os.kill(server, signal.SIGKILL)
    until(lambda: "-m" not in words_of(server), seconds=10)

    assert ask(conformance, served)["word"] == "first"


def test_models_are_listed(conformance: Conformance, configure: Callable[[str], str]) -> None:
    """By a part of their names, in the order asked for, so many at most."""
    sagemaker = conformance.cloud.client("sagemaker")
    made = [configure("any") for _ in range(2)]
    newest = sagemaker.list_models(SortBy="CreationTime", SortOrder="Descending", MaxResults=2)["Models"]
    assert [each["ModelName"] for each in newest] == made[::-1]
    (found,) = sagemaker.list_models(NameContains=made[0][3:])["Models"]
    assert found["ModelArn"] == sagemaker.describe_model(ModelName=made[0])["ModelArn"]


def test_a_defect_of_the_model_is_its_own_error(conformance: Conformance, served: str) -> None:
    """What the script raises reaches the caller as ModelError, with the container's status."""
    with pytest.raises(ClientError) as failure:
        ask(conformance, served, divisor=0)

    assert failure.value.response["Error"]["Code"] == "ModelError"
    assert failure.value.response["OriginalStatusCode"] >= 400  # type: ignore[typeddict-item] # ModelError has it


@pytest.mark.parametrize("name", ["../../outside", "a/b", "-a", "a" * 64])
def test_a_name_is_one_that_sagemaker_takes(conformance: Conformance, bucket: str, name: str) -> None:
    """A template that works here has names that work there; and none of them is a path."""
    with pytest.raises(ClientError, match="failed to satisfy constraint"):
        conformance.cloud.client("sagemaker").create_training_job(**job(bucket, name, word="any"))


@pytest.mark.parametrize("operation", ["describe_endpoint", "delete_endpoint"])
def test_an_endpoint_that_is_not_there_is_named(conformance: Conformance, operation: str) -> None:
    """SageMaker answers a validation error with the name."""
    with pytest.raises(ClientError, match="Could not find endpoint 'nowhere'"):
        getattr(conformance.cloud.client("sagemaker"), operation)(EndpointName="nowhere")


def unpacked(conformance: Conformance, endpoint: str) -> list[Path]:
    """Return the models that lie unpacked for an endpoint."""
    return list((conformance.cloud.state / "scratch" / "models").glob(f"{endpoint}-*"))


def words_of(process: int) -> set[str]:
    """Return the words of a process's command; none once it is gone."""
    try:
        return set(Path(f"/proc/{process}/cmdline").read_text().split("\0"))
    except OSError:
        return set()


def test_models_end_with_a_server_that_crashes(
    assembly: Path, tmp_path: Path, until: Callable[..., Any]
) -> None:
    """A server that is killed alone takes the servers of its models with it, and their workers."""
    with running_cloud(assembly, state=tmp_path) as cloud:
        s3, sagemaker = cloud.client("s3"), cloud.client("sagemaker")
        s3.create_bucket(Bucket="models")
        s3.upload_file(str(model_code.seed().path), "models", "seed.tar.gz")
        container = {"Image": "xgboost", "ModelDataUrl": "s3://models/seed.tar.gz"}
        sagemaker.create_model(ModelName="seed", ExecutionRoleArn=ROLE, PrimaryContainer=container)
        variant = {"VariantName": "champion", "ModelName": "seed"}
        sagemaker.create_endpoint_config(EndpointConfigName="seed", ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName="seed", EndpointConfigName="seed")
        question = json.dumps({"now": 1e9, "purchases": [{"time": 1e8, "category": "shoes"}]})
        answer = cloud.client("sagemaker-runtime").invoke_endpoint(
            EndpointName="seed", ContentType="application/json", Body=question
        )
        told = Preferences.model_validate_json(answer["Body"].read())
        assert (told.basis.kind, told.next[0].category) == ("frequency", "shoes")
        assert len(processes_of(tmp_path)) > 2

        os.kill(cloud.pid, signal.SIGKILL)
        until(lambda: processes_of(tmp_path) == [], seconds=10)
