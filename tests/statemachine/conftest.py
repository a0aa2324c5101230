"""The real template and the real machine on a local cloud; only the functions are played from a script."""

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infrastructure.local.cloud import Cloud, running_cloud
from infrastructure.synth import Target, synth

PATIENCE_S = 60
ENDED = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}


@dataclass(frozen=True, slots=True)
class Run:
    """An execution that has ended; `states` in the order in which they were entered."""

    arn: str
    status: str
    output: Any
    error: str
    cause: str
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """A cloud on which photos are played."""

    cloud: Cloud

    def play(self, script: str, *, ending: str = "jpg") -> Run:
        """Run a photo whose file has this name through the machine, and wait for the end."""
        machine = self.cloud.client("stepfunctions")
        event = uploaded(f"uploads/MUG-1/{script}.{ending}")
        arn = machine.start_execution(
            stateMachineArn=self.cloud.outputs["EnhancePhotoArn"], input=json.dumps(event)
        )["executionArn"]
        deadline = time.monotonic() + PATIENCE_S
        while (end := machine.describe_execution(executionArn=arn))["status"] not in ENDED:
            assert time.monotonic() < deadline, f"{script} has not ended"
            time.sleep(0.05)
        history = machine.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        entered = (each.get("stateEnteredEventDetails", {}).get("name") for each in history)
        return Run(
            arn=arn,
            status=end["status"],
            output=json.loads(end.get("output") or "null"),
            error=end.get("error", ""),
            cause=end.get("cause", ""),
            states=tuple(name for name in entered if name),
        )

    def record(self, *, sku: str, name: str) -> Mapping[str, str]:
        """Return the text attributes of a photo's record; empty if there is none."""
        key = {"pk": {"S": f"SKU#{sku}"}, "sk": {"S": f"PHOTO#{name}"}}
        table = self.cloud.outputs["CatalogueTable"]
        item = self.cloud.client("dynamodb").get_item(TableName=table, Key=key).get("Item", {})
        return {attribute: value["S"] for attribute, value in item.items()}

    def put_record(self, *, sku: str, name: str, **attributes: str) -> None:
        """Write a photo's record as the catalogue would."""
        item = {"pk": f"SKU#{sku}", "sk": f"PHOTO#{name}", **attributes}
        self.cloud.client("dynamodb").put_item(
            TableName=self.cloud.outputs["CatalogueTable"],
            Item={attribute: {"S": value} for attribute, value in item.items()},
        )

    def dead_letters(self) -> list[Any]:
        """Take all messages out of the dead-letter queue."""
        queue, url = self.cloud.client("sqs"), self.cloud.outputs["DeadLetterQueueUrl"]
        letters = []
        while messages := queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for each in messages:
                queue.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
                letters.append(json.loads(each["Body"]))
        return letters


def uploaded(key: str) -> dict[str, Any]:
    """Return S3's event for an upload, as EventBridge delivers it."""
    stored = {"key": key, "size": 1234, "etag": "e", "version-id": "v1", "sequencer": "0066F0"}
    detail = {"version": "0", "bucket": {"name": "uploads-bucket"}, "object": stored, "reason": "PutObject"}
    return {"version": "0", "source": "aws.s3", "detail-type": "Object Created", "detail": detail}


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Keep a cloud with the sandbox's template and scripted functions for all tests."""
    assembly = cast_from(synth("sandbox", target=Target.LOCAL), folder=tmp_path_factory.mktemp("stage"))
    with running_cloud(assembly, state=tmp_path_factory.mktemp("state")) as cloud:
        yield Stage(cloud)


def cast_from(assembly: Path, *, folder: Path) -> Path:
    """Return a copy of an assembly in which every function of the workflow is played from the script."""
    scripted = folder / "scripted"
    scripted.mkdir()
    shutil.copyfile(Path(__file__).with_name("scripted.py"), scripted / "handler.py")
    copy = folder / "assembly"
    shutil.copytree(assembly, copy)
    for path in copy.glob("*-studio.assets.json"):
        assets = json.loads(path.read_text())
        for asset in assets["files"].values():
            if asset["displayName"].endswith("/Function/Code"):
                asset["source"]["path"] = str(scripted)
        path.write_text(json.dumps(assets))
    return copy
