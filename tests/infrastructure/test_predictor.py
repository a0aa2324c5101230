"""The predictor's endpoint, its machine's permissions, and what SageMaker is given of our code."""

import ast
import json
import re
import sys
import tarfile
from collections.abc import Mapping
from typing import Any

import pytest

from infrastructure.environments import ENVIRONMENTS
from layers import model_code
from packshot.adapters.predictor import FAILURES
from tests.infrastructure.assemblies import Templates, many


def only(templates: Templates, kind: str) -> dict[str, Any]:
    """Return the properties of the one resource of a type."""
    (found,) = templates.properties(kind).values()
    return dict(found)


@pytest.mark.parametrize("name", sorted(ENVIRONMENTS))
def test_a_new_deployment_serves_the_seed(name: str, request: pytest.FixtureRequest) -> None:
    """Model, configuration and endpoint stand in the template; nothing is paid while nobody asks."""
    templates: Templates = request.getfixturevalue(name)
    chosen = ENVIRONMENTS[name].predictor
    model = only(templates, "AWS::SageMaker::Model")
    configuration = only(templates, "AWS::SageMaker::EndpointConfig")
    endpoint = only(templates, "AWS::SageMaker::Endpoint")

    (variant,) = configuration["ProductionVariants"]
    assert variant["ServerlessConfig"] == {
        "MemorySizeInMB": chosen.memory,
        "MaxConcurrency": chosen.concurrency,
    }
    assert "InstanceType" not in variant
    assert model["ModelName"] == variant["ModelName"] == configuration["EndpointConfigName"]
    assert endpoint["EndpointConfigName"] == configuration["EndpointConfigName"]
    assert endpoint["EndpointName"] == f"packshot-{name}-preferences"
    assert chosen.memory % 1024 == 0
    assert 1024 <= chosen.memory <= 6144


def test_names_tell_what_they_are_made_of(templates: Templates) -> None:
    """SageMaker changes no model in place: another seed or another memory is another name."""
    name = str(only(templates, "AWS::SageMaker::Model")["ModelName"])
    assert name.endswith(model_code.seed().digest[:8])
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name)


def test_functions_know_the_seed(templates: Templates) -> None:
    """Who has no model to go back to goes back to the template's own configuration."""
    seed = only(templates, "AWS::SageMaker::EndpointConfig")["EndpointConfigName"]
    told = {
        each["Environment"]["Variables"]["SEED_ENDPOINT_CONFIG"]
        for each in templates.properties("AWS::Lambda::Function").values()
        if "SEED_ENDPOINT_CONFIG" in each["Environment"]["Variables"]
    }
    assert told == {seed}


def modelling(statement: Mapping[str, Any]) -> set[str]:
    """Return the actions of a statement that concern models and roles."""
    return {each for each in many(statement["Action"]) if each.partition(":")[0] in {"sagemaker", "iam"}}


def test_the_machine_works_on_this_environment_s_models_alone(templates: Templates) -> None:
    """It trains, serves and passes roles of its own; it deletes versions, no seed, and no endpoint."""
    statements = [
        statement
        for name, statement in templates.statements()
        if name.startswith("TrainingTrainPreferences") and modelling(statement)
    ]
    actions = set().union(*map(modelling, statements))
    assert actions == {
        "iam:PassRole",
        "sagemaker:AddTags",
        "sagemaker:CreateEndpointConfig",
        "sagemaker:CreateModel",
        "sagemaker:CreateTrainingJob",
        "sagemaker:DeleteEndpointConfig",
        "sagemaker:DeleteModel",
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeTrainingJob",
        "sagemaker:ListModels",
        "sagemaker:ListTags",
        "sagemaker:StopTrainingJob",
        "sagemaker:UpdateEndpoint",
    }
    for statement in statements:
        where = json.dumps(statement["Resource"])
        if "iam:PassRole" in many(statement["Action"]):
            assert statement["Condition"]["StringEquals"] == {
                "iam:PassedToService": "sagemaker.amazonaws.com"
            }
            assert len(many(statement["Resource"])) == 2
        elif statement["Resource"] == "*":
            assert modelling(statement) == {"sagemaker:ListModels"}
        elif any("Delete" in action for action in many(statement["Action"])):
            assert re.search(r"(model|endpoint-config)/packshot-(sandbox|production)-2\*", where)
        else:
            assert re.search(
                r"(training-job|model|endpoint-config|endpoint)/packshot-(sandbox|production)-", where
            )


def test_training_and_serving_see_what_is_theirs(templates: Templates) -> None:
    """A job reads snapshots and writes candidates, an endpoint reads models; neither sees lines."""
    seen = {"Training": "", "Serving": ""}
    for name, statement in templates.statements():
        for role in seen:
            if name.startswith(f"Predictor{role}Role") and any(
                action.startswith("s3:") for action in many(statement["Action"])
            ):
                seen[role] += json.dumps(statement)
    assert "/snapshots/*" in seen["Training"]
    assert "/candidates/*" in seen["Training"]
    assert "models/" not in seen["Training"]
    assert "/models/*" in seen["Serving"]
    assert "snapshots" not in seen["Serving"]
    assert "s3:PutObject" not in seen["Serving"]
    assert not re.search("lines|histories|purchases/", seen["Training"] + seen["Serving"])


def test_an_alarm_of_the_endpoint_starts_the_return(templates: Templates) -> None:
    """The rule hears exactly this alarm, which rings at as many failures as open the storefront's circuit."""
    (rule,) = (
        each
        for each in templates.properties("AWS::Events::Rule").values()
        if each.get("EventPattern", {}).get("source") == ["aws.cloudwatch"]
    )
    assert rule["EventPattern"]["detail"] == {"state": {"value": ["ALARM"]}}
    (alarm,) = rule["EventPattern"]["resources"]
    name = alarm["Fn::GetAtt"][0]
    metric = templates.properties("AWS::CloudWatch::Alarm")[name]
    assert (metric["Namespace"], metric["MetricName"]) == ("AWS/SageMaker", "Invocation5XXErrors")
    assert (metric["Statistic"], metric["ComparisonOperator"]) == ("Sum", "GreaterThanThreshold")
    assert metric["Threshold"] == FAILURES - 1
    (target,) = rule["Targets"]
    assert "TrainPreferences" in json.dumps(target["Arn"])
    assert json.loads(
        target["InputTransformer"]["InputTemplate"].replace("<", "").replace(">", "")
    ).keys() == {"retire"}


def test_training_code_is_the_same_every_time() -> None:
    """Nothing of the moment or the machine is in it, so an unchanged script redeploys nothing."""
    assert model_code.source() == model_code.source()
    with tarfile.open(model_code.source().path) as archive:
        entries = archive.getmembers()
    assert {entry.mtime for entry in entries} == {0}
    assert {entry.uname for entry in entries} == {""}
    names = {entry.name for entry in entries}
    assert {"train.py", "inference.py", "packshot/errors.py", "packshot/preferences/artifact.py"} <= names
    assert not [name for name in names if name.startswith(("packshot/events", "packshot/adapters"))]


def imported(source: str) -> set[str]:
    """Return the packages that a module imports, at its top."""
    tree = ast.parse(source)
    found = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("build", [model_code.source, model_code.seed], ids=["source", "seed"])
def test_the_container_has_all_that_is_imported(build: object) -> None:
    """SageMaker's container is Python 3.10 with numpy, pyarrow and XGBoost: no pydantic, no newer syntax."""
    with tarfile.open(build().path) as archive:  # type: ignore[operator] # one of two functions
        for entry in archive.getmembers():
            file = archive.extractfile(entry)
            assert file is not None
            text = file.read().decode()
            ast.parse(text, feature_version=(3, 10))
            ours = imported(text) - set(sys.stdlib_module_names)
            assert ours <= {"numpy", "packshot", "pyarrow", "sagemaker_inference", "xgboost"}, entry.name
            assert not re.search(r"\bStrEnum\b|import UTC|\bSelf\b|itertools import batched", text), (
                entry.name
            )
