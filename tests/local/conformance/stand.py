"""The conformance template as an assembly, and what every test does with the cloud made of it."""

import json
import re
import sysconfig
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from infrastructure.local.cloud import Cloud

HERE = Path(__file__).parent
SDK = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")
MEMORY_MIB = {"misbehave": 160, "echo": 1024}
TIMEOUT_S = {"misbehave": 2}

Answer = TypeVar("Answer")


def pascal(name: str) -> str:
    """Return `hand_out_token` as `HandOutToken`."""
    return "".join(word.capitalize() for word in name.split("_"))


def functions() -> dict[str, Any]:
    """Return a resource for each folder of functions/."""
    return {
        f"{pascal(folder.name)}Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": f"conformance-{folder.name.replace('_', '-')}",
                "Runtime": "python3.13",
                "Handler": "handler.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "MemorySize": MEMORY_MIB.get(folder.name, 256),
                "Timeout": TIMEOUT_S.get(folder.name, 20),
                "Layers": [{"Ref": "SdkLayer"}],
                "Environment": {"Variables": {"TABLE": {"Ref": "CatalogueTable"}}},
                "Code": {"S3Bucket": "conformance-assets", "S3Key": f"{folder.name}.zip"},
            },
        }
        for folder in (HERE / "functions").iterdir()
        if (folder / "handler.py").exists()
    }


def machines() -> dict[str, Any]:
    """Return a resource for each file of machines/."""
    values: dict[str, Any] = {
        "Table": {"Ref": "CatalogueTable"},
        "DeadLetterQueueUrl": {"Ref": "DeadLetterQueue"},
        "EventBus": {"Ref": "Bus"},
        **{f"{name}Arn": {"Fn::GetAtt": [name, "Arn"]} for name in functions()},
    }
    resources = {}
    for file in (HERE / "machines").glob("*.asl.json"):
        definition = file.read_text("utf-8")
        wanted = set(re.findall(r"\$\{(\w+)\}", definition))
        resources[f"{pascal(file.name.split('.')[0])}Machine"] = {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineName": f"conformance-{file.name.split('.')[0]}",
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "DefinitionString": definition,
                "DefinitionSubstitutions": {name: values[name] for name in wanted},
            },
        }
    return resources


def write_assembly(folder: Path) -> Path:
    """Write what `cdk synth` would: a manifest, a template, an asset manifest that names folders."""
    layer = folder / "layer" / "python"
    layer.mkdir(parents=True)
    for package in SDK:
        (layer / package).symlink_to(Path(sysconfig.get_path("purelib")) / package)
    template = json.loads((HERE / "template.json").read_text("utf-8"))
    template["Resources"] |= functions() | machines()
    template["Resources"]["SdkLayer"] = {
        "Type": "AWS::Lambda::LayerVersion",
        "Properties": {"Content": {"S3Bucket": "conformance-assets", "S3Key": "sdk.zip"}},
    }
    sources = {"sdk": str(layer.parent)} | {f.name: str(f) for f in (HERE / "functions").iterdir()}
    files = {
        name: {
            "source": {"path": path, "packaging": "zip"},
            "destinations": {"here": {"bucketName": "conformance-assets", "objectKey": f"{name}.zip"}},
        }
        for name, path in sources.items()
    }
    artifacts = {
        "conformance.assets": {"type": "cdk:asset-manifest", "properties": {"file": "assets.json"}},
        "conformance": {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": "template.json"},
            "dependencies": ["conformance.assets"],
        },
    }
    (folder / "template.json").write_text(json.dumps(template), "utf-8")
    (folder / "assets.json").write_text(json.dumps({"files": files}), "utf-8")
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), "utf-8")
    return folder


def processes_of(state: Path) -> list[int]:
    """Return the processes that belong to a cloud: all of them have its state folder in their environment."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and str(state).encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@dataclass(frozen=True, slots=True)
class Execution:
    """How an execution ended."""

    status: str
    output: Any
    error: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Conformance:
    """The cloud, and the few things that every test does with it."""

    cloud: Cloud

    def invoke(self, function: str, payload: object) -> dict[str, Any]:
        """Invoke a function and return its payload; `FunctionError` says whether it failed."""
        answer = self.cloud.client("lambda").invoke(
            FunctionName=f"conformance-{function.replace('_', '-')}", Payload=json.dumps(payload)
        )
        return {"failed": "FunctionError" in answer, "payload": json.load(answer["Payload"])}

    def begin(self, machine: str, payload: object) -> str:
        """Start an execution and return its ARN."""
        states = self.cloud.client("stepfunctions")
        arn = f"arn:aws:states:us-east-1:000000000000:stateMachine:conformance-{machine}"
        started: str = states.start_execution(stateMachineArn=arn, input=json.dumps(payload))["executionArn"]
        return started

    def end(self, execution: str) -> Execution:
        """Wait for an execution's end."""
        states = self.cloud.client("stepfunctions")

        def ended() -> dict[str, Any] | None:
            description: dict[str, Any] = states.describe_execution(executionArn=execution)
            return description if description["status"] != "RUNNING" else None

        description = until(ended, seconds=25)
        output = json.loads(description.get("output") or "null")
        return Execution(
            description["status"], output, description.get("error", ""), description.get("cause", "")
        )

    def run(self, machine: str, payload: object) -> Execution:
        """Start an execution and wait for its end."""
        return self.end(self.begin(machine, payload))

    def inputs(self, machine: str) -> list[Any]:
        """Return the inputs of all executions of a machine."""
        states = self.cloud.client("stepfunctions")
        arn = f"arn:aws:states:us-east-1:000000000000:stateMachine:conformance-{machine}"
        found = states.list_executions(stateMachineArn=arn)["executions"]
        return [json.loads(states.describe_execution(executionArn=e["executionArn"])["input"]) for e in found]


def until(question: Callable[[], Answer | None], *, seconds: float) -> Answer:
    """Ask until there is an answer, or fail."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"No answer within {seconds} s")
