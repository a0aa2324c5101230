"""The roles allow what the adapters call: no local cloud would notice if they did not."""

import json
import re
from pathlib import Path

import pytest

from infrastructure.constructs.state_machine import DEFINITIONS
from packshot.storefront.records import ABANDONED
from tests.infrastructure.assemblies import Templates, many

ADAPTERS = Path(__file__).resolve().parents[2] / "layers" / "packshot" / "src" / "packshot" / "adapters"
# boto3's word → what a role must be allowed to do.
ACTIONS = {
    "get_object": {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"},
    "head_object": {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"},
    "put_object": {"s3:PutObject"},
    "list_objects_v2": {"s3:ListBucket"},
    "delete_objects": {"s3:DeleteObject"},
    "generate_presigned_url": {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"},
    "generate_presigned_post": {"s3:PutObject"},
    "get_item": {"dynamodb:GetItem"},
    "put_item": {"dynamodb:PutItem"},
    "query": {"dynamodb:Query"},
    "batch_get_item": {"dynamodb:BatchGetItem"},
    "batch_write_item": {"dynamodb:BatchWriteItem"},
    "invoke_endpoint": {"sagemaker:InvokeEndpoint"},
    "update_item": {"dynamodb:UpdateItem"},
    "transact_write_items": {"dynamodb:PutItem", "dynamodb:UpdateItem"},
    "put_events": {"events:PutEvents"},
    "get_secret_value": {"secretsmanager:GetSecretValue"},
    "send_task_success": {"states:SendTaskSuccess"},
    "send_task_failure": {"states:SendTaskFailure"},
    "send_task_heartbeat": {"states:SendTaskHeartbeat"},
}
# What works on jobs: books, the circuit breaker's own item, the secret, the answers to states.
JOBS = (
    "get_item",
    "put_item",
    "update_item",
    "transact_write_items",
    "get_secret_value",
    "put_object",
    "send_task_success",
    "send_task_failure",
    "send_task_heartbeat",
)
NEEDS = {
    "AnalyzePhoto": ("get_object", "head_object", "put_object", "update_item", "transact_write_items"),
    "MaskProduct": ("get_object", "put_object"),
    "CorrectPhoto": ("get_object", "put_object", "get_item", "put_item"),
    "PlanScenes": ("get_object", "get_secret_value"),
    "CollectPosts": ("get_object", "put_object", "list_objects_v2", "delete_objects", "get_secret_value"),
    "InterpretTrends": ("get_object", "put_object", "delete_objects", "get_secret_value"),
    "PublishTrends": ("get_object", "put_object", "list_objects_v2", "delete_objects", "put_events"),
    "PurgeSource": ("get_object", "put_object", "list_objects_v2", "delete_objects"),
    "RequestBackground": (*JOBS, "get_object", "generate_presigned_url"),
    "ReceiveBackground": JOBS,
    "SweepBackgrounds": (*JOBS, "query"),
    "RenderStudio": ("head_object", "put_object"),
    "ComposeImage": ("get_object", "put_object"),
    "AssessQuality": ("get_object", "update_item"),
    "PublishImages": ("get_object", "put_object", "update_item", "transact_write_items", "put_events"),
    "RejectPhoto": ("update_item", "transact_write_items", "put_events"),
    "StorefrontApi": (
        "generate_presigned_url",
        "generate_presigned_post",
        "query",
        "batch_get_item",
        "get_secret_value",
        # Customers: histories, farewells, batches, the predictor and its circuit breaker.
        "get_object",
        "get_item",
        "put_item",
        "put_object",
        "update_item",
        "batch_write_item",
        "invoke_endpoint",
    ),
    "RecordPurchases": (
        "get_object",
        "put_object",
        "list_objects_v2",
        "delete_objects",
        "query",
        "put_item",
        "batch_get_item",
        "batch_write_item",
    ),
    "SnapshotPurchases": ("get_object", "put_object", "list_objects_v2"),
    "EvaluateModel": ("get_object", "put_object"),
    "PromoteModel": ("get_object", "put_object", "invoke_endpoint"),
    "RetireModel": ("get_object", "put_object"),
    "SummarizeDemand": ("get_object", "put_object"),
    "AuthorizeRequest": ("get_secret_value",),
}
# What every function does, whatever it is for: it logs and sends traces.
ALWAYS = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


def allowed(templates: Templates, step: str) -> set[str]:
    """Return the actions that a function's role allows."""
    return {
        action
        for name, statement in templates.statements()
        if name.startswith(f"{step}Role")
        for action in many(statement["Action"])
    }


def test_every_call_of_the_adapters_is_known_here() -> None:
    """A new call to AWS cannot be written without saying what it needs to be allowed."""
    text = "\n".join(path.read_text() for path in sorted(ADAPTERS.glob("*.py")))
    calls = set(re.findall(r"self\._(?:s3|dynamo|events|manager|states|runtime)\.(\w+)\(", text)) - {
        "get_paginator"
    }
    assert len(calls) > 8
    calls |= set(re.findall(r"get_paginator\(\"(\w+)\"\)", text))
    assert calls == set(ACTIONS)


@pytest.mark.parametrize("step", NEEDS)
def test_each_role_allows_what_its_function_calls_and_no_more(templates: Templates, step: str) -> None:
    """The role of a function is the sum of its calls."""
    needed = set().union(*(ACTIONS[call] for call in NEEDS[step]))
    # Lambda itself puts what a function failed at into its queue, in the function's name.
    spare = {"secretsmanager:DescribeSecret", "sqs:SendMessage"}
    granted = allowed(templates, step) - ALWAYS
    assert needed <= granted
    assert granted - needed <= spare


# The optimised integrations need more than their name says: the documentation of Step Functions lists it.
OF_INTEGRATIONS = {
    "lambda:invoke": {"lambda:InvokeFunction"},
    "lambda:invoke.waitForTaskToken": {"lambda:InvokeFunction"},
    "sagemaker:createTrainingJob.sync": {
        "sagemaker:CreateTrainingJob",
        "sagemaker:DescribeTrainingJob",
        "sagemaker:StopTrainingJob",
        "sagemaker:ListTags",
        "events:PutRule",
        "events:PutTargets",
        "events:DescribeRule",
        "iam:PassRole",
    },
    "sagemaker:createModel": {"sagemaker:CreateModel", "sagemaker:ListTags", "iam:PassRole"},
}


def needed_by(resource: str) -> set[str]:
    """Return what a machine has to be allowed for a state's resource."""
    called = resource.removeprefix("arn:aws:states:::").removeprefix("aws-sdk:")
    service, _, action = called.partition(":")
    return OF_INTEGRATIONS.get(called) or {f"{service}:{action[0].upper()}{action[1:]}"}


@pytest.mark.parametrize("path", sorted(DEFINITIONS.glob("*.asl.json")), ids=lambda path: path.name)
def test_each_machine_may_do_what_its_states_call(templates: Templates, path: Path) -> None:
    """A state that was added without its permission would fail on AWS alone."""
    name = "".join(word.title() for word in path.name.partition(".")[0].split("_"))
    resources = set(re.findall(r'"Resource": "(arn:aws:states:::[^"]+)"', path.read_text()))
    granted = {
        action
        for owner, statement in templates.statements()
        if re.search(rf"{name}MachineRole", owner)
        for action in many(statement["Action"])
    }
    assert resources
    assert set().union(*map(needed_by, resources)) <= granted


def test_no_running_photo_is_called_abandoned() -> None:
    """An execution's claim outlives the execution, so a photo is never worked on by two."""
    for path in DEFINITIONS.glob("enhance_photo.asl.json"):
        assert json.loads(path.read_text())["TimeoutSeconds"] <= ABANDONED.total_seconds()
