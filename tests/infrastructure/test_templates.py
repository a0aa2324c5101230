"""What the synthesized templates promise."""

import json
import re
from collections.abc import Iterator

from infrastructure import functions
from layers import weights
from packshot import settings
from tests.infrastructure.assemblies import Properties, Templates, buckets, many, our_functions

SETTINGS = {
    each.function: each
    for each in vars(settings).values()
    if isinstance(each, type) and issubclass(each, settings.Settings) and each is not settings.Settings
}
OUTPUTS = {
    "UploadsBucket",
    "WorkBucket",
    "PublishedBucket",
    "WeightsBucket",
    "CatalogueTable",
    "EventBusName",
    "EnhancePhotoArn",
    "RefreshTrendsArn",
    "TrendKeysSecretArn",
    "TrendsBucket",
    "TrendsDeadLetterQueueUrl",
    "ApiUrl",
    "ApiId",
    "DeadLetterQueueUrl",
    "ApiKeysSecretArn",
    "CallbacksApiId",
    "PreferencesEndpoint",
    "TrainPreferencesArn",
    "TrainingDeadLetterQueueUrl",
    "GenerationTable",
    "GeneratorSecretArn",
    "HistoriesTable",
    "PurchasesBucket",
    "PurchasesDeadLetterQueueUrl",
}


# --- functions --------------------------------------------------------------------------------------


def test_every_declared_function_is_deployed(templates: Templates) -> None:
    """No function is forgotten, and none is deployed that nobody declared."""
    declared = {each.name for each in functions.ALL}
    assert (
        set(our_functions(templates))
        == declared
        == {path.parent.name for path in functions.FUNCTIONS.glob("*/handler.py")}
    )


def test_every_environment_parses_as_its_settings(templates: Templates) -> None:
    """A function that starts finds all its settings, of the right form."""
    for name, function in our_functions(templates).items():
        variables = function["Environment"]["Variables"]
        # What CloudFormation fills in is some text; buckets' names bound its length.
        filled = {key: value if isinstance(value, str) else "filled-in" for key, value in variables.items()}
        assert SETTINGS[name].read(filled).environment in {"sandbox", "production"}


def test_every_variable_is_somebody_s_setting(templates: Templates) -> None:
    """No function is given a variable that nothing reads, such as one with a typo."""
    for name, function in our_functions(templates).items():
        known = {field.upper() for field in SETTINGS[name].model_fields}
        extra = {each for each in function["Environment"]["Variables"] if not each.startswith("POWERTOOLS_")}
        assert extra <= known, name


def test_the_weights_are_an_asset_that_need_not_be_here(templates: Templates) -> None:
    """The function is told where the deployment puts u2net's weights, and may read that object alone."""
    published = weights.PUBLISHED["u2net"]
    variables = our_functions(templates)["mask_product"]["Environment"]["Variables"]
    assert variables["U2NET_KEY"] == f"{published.sha256}.onnx"
    manifest = json.loads(next(templates.assembly.glob("*-studio.assets.json")).read_text())
    asset = manifest["files"][published.sha256]
    assert asset["source"]["path"].endswith(f"build/weights/{published.file}")
    (place,) = asset["destinations"].values()
    assert place["objectKey"] == variables["U2NET_KEY"]
    readable = [
        json.dumps(each["Resource"])
        for name, each in templates.statements()
        if name.startswith("MaskProductRole") and "s3:GetObject" in many(each["Action"])
    ]
    assert any(f"/{published.sha256}.onnx" in where for where in readable)
    assert any("/networks/*" in where for where in readable)


def test_functions_are_arm64_traced_and_logged(templates: Templates) -> None:
    """Each runs on the cheaper cores, sends traces, and logs into a group that forgets."""
    groups = templates.properties("AWS::Logs::LogGroup")
    for name, function in our_functions(templates).items():
        assert function["Architectures"] == ["arm64"], name
        assert function["Runtime"] == "python3.13"
        assert function["Handler"] == "handler.handler"
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert groups[function["LoggingConfig"]["LogGroup"]["Ref"]]["RetentionInDays"] in {7, 90}


def test_functions_have_roles_of_their_own(templates: Templates) -> None:
    """No two functions share a role, and none uses a policy of AWS's."""
    roles = [json.dumps(each["Role"]) for each in templates.properties("AWS::Lambda::Function").values()]
    assert len(set(roles)) == len(roles)
    for role in templates.properties("AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role


# --- asynchronous targets ---------------------------------------------------------------------------


def asynchronous_targets(templates: Templates) -> Iterator[tuple[str, Properties]]:
    """Yield everything that AWS calls on its own, with what says where its dead letters go."""
    for name, rule in templates.properties("AWS::Events::Rule").items():
        for target in rule["Targets"]:
            yield name, {"letters": target.get("DeadLetterConfig"), "retry": target.get("RetryPolicy")}
    for name, schedule in templates.properties("AWS::Scheduler::Schedule").items():
        target = schedule["Target"]
        yield name, {"letters": target.get("DeadLetterConfig"), "retry": target.get("RetryPolicy")}
    for name, invocation in templates.properties("AWS::Lambda::EventInvokeConfig").items():
        failure = invocation.get("DestinationConfig", {}).get("OnFailure")
        yield name, {"letters": failure, "retry": invocation.get("MaximumRetryAttempts")}
    for name, mapping in templates.properties("AWS::Lambda::EventSourceMapping").items():
        failure = mapping.get("DestinationConfig", {}).get("OnFailure")
        yield name, {"letters": failure, "retry": mapping.get("MaximumRetryAttempts")}


def test_every_asynchronous_target_keeps_its_dead_letters(templates: Templates) -> None:
    """What AWS could not deliver waits in a queue, after a stated number of tries."""
    targets = list(asynchronous_targets(templates))
    assert targets
    for name, target in targets:
        assert target["letters"], name
        assert target["retry"], name


def test_the_rule_may_send_its_dead_letters(templates: Templates) -> None:
    """The queue accepts what EventBridge sends for the rule; else dead letters are lost in silence."""
    policies = templates.properties("AWS::SQS::QueuePolicy").values()
    allowed = [
        each
        for policy in policies
        for each in policy["PolicyDocument"]["Statement"]
        if each["Effect"] == "Allow"
    ]
    assert {json.dumps(each["Principal"]) for each in allowed} == {'{"Service": "events.amazonaws.com"}'}
    assert allowed[0]["Action"] == "sqs:SendMessage"


def rules_on_objects(templates: Templates) -> list[Properties]:
    """Return the rules that hear of S3."""
    rules = templates.properties("AWS::Events::Rule").values()
    return [each for each in rules if each.get("EventPattern", {}).get("source") == ["aws.s3"]]


def test_uploads_start_the_machine(templates: Templates) -> None:
    """The uploads bucket tells EventBridge, and the rule listens to uploads/ of that bucket alone."""
    patterns = [rule["EventPattern"] for rule in rules_on_objects(templates)]
    assert all(pattern["detail-type"] == ["Object Created"] for pattern in patterns)
    heard = {_bucket(pattern): pattern["detail"]["object"]["key"] for pattern in patterns}
    assert heard["Uploads"] == [{"prefix": "uploads/"}]
    announcing = {name for name, each in buckets(templates).items() if "NotificationConfiguration" in each}
    assert announcing == heard.keys() == {"Uploads", "Purchases"}


def test_purchases_call_who_writes_them_down(templates: Templates) -> None:
    """Files, batches, what is left of a file, farewells: nothing that the function itself keeps as lines."""
    (rule,) = (rule for rule in rules_on_objects(templates) if _bucket(rule["EventPattern"]) == "Purchases")
    prefixes = {each["prefix"] for each in rule["EventPattern"]["detail"]["object"]["key"]}
    assert prefixes == {"purchases/", "batches/", "continuations/", "forgotten/"}
    assert "RecordPurchasesFunction" in json.dumps(rule["Targets"][0]["Arn"])
    function = our_functions(templates)["record_purchases"]
    assert function["Timeout"] == 900
    assert function["EphemeralStorage"]["Size"] >= 4096
    left = function["Timeout"] - float(function["Environment"]["Variables"]["TIME_LIMIT_SECONDS"])
    assert left >= 300, "a segment that is begun has to end"
    invocations = templates.properties("AWS::Lambda::EventInvokeConfig").values()
    assert any("RecordPurchasesFunction" in json.dumps(each["FunctionName"]) for each in invocations)


def test_farewells_are_looked_after_every_day(templates: Templates) -> None:
    """The function is told of their place as S3 would tell of an object there, and a failure is kept."""
    (rule,) = (
        rule
        for rule in templates.properties("AWS::Events::Rule").values()
        if "ScheduleExpression" in rule and "RecordPurchasesFunction" in json.dumps(rule["Targets"])
    )
    assert rule["ScheduleExpression"] == "rate(1 day)"
    (target,) = rule["Targets"]
    assert "forgotten/" in json.dumps(target["Input"])
    assert target["DeadLetterConfig"]


def _bucket(pattern: Properties) -> str:
    """Return the bucket that a rule listens to, by the words of its logical id."""
    (name,) = re.findall(r"(Uploads|Purchases)Bucket", json.dumps(pattern["detail"]["bucket"]))
    return str(name)


# --- who may do what --------------------------------------------------------------------------------


def test_no_policy_allows_a_family_of_actions(templates: Templates) -> None:
    """Each action that a role may take is named."""
    for name, statement in templates.statements():
        assert statement["Effect"] == "Allow"
        assert not [each for each in many(statement["Action"]) if "*" in each], name


def test_only_traces_and_log_deliveries_know_no_resource(templates: Templates) -> None:
    """A statement for every resource is one of those that AWS offers in no other way."""
    for name, statement in templates.statements():
        if "*" in many(statement["Resource"]):
            services = {each.partition(":")[0] for each in many(statement["Action"])}
            if name.startswith("Predictor"):
                assert services <= {"ecr", "cloudwatch"}, name
                assert "ecr" in services or "cloudwatch:namespace" in json.dumps(statement["Condition"])
                continue
            listed = {each for each in many(statement["Action"]) if each.startswith("sagemaker:")}
            assert listed <= {"sagemaker:ListModels"}, name
            assert services <= {"xray", "logs"} | ({"sagemaker"} if listed else set()), name
            assert not {"logs:CreateLogStream", "logs:PutLogEvents"} & set(many(statement["Action"]))


def test_each_step_touches_its_own_prefixes(templates: Templates) -> None:
    """Who may write where is exactly this, so a defect in one step cannot spoil another's work."""
    writes = {
        (name.partition("Role")[0], where)
        for name, statement in templates.statements()
        if "s3:PutObject" in many(statement["Action"])
        for where in re.findall(
            r"(Uploads|Work|Published|AccessLogs|Trends|Purchases)Bucket\w+\"\}, \"(/[^\"]*)\"",
            json.dumps(statement["Resource"]),
        )
    }
    assert writes == {
        ("AnalyzePhoto", ("Work", "/photos/*")),
        ("MaskProduct", ("Work", "/photos/*")),
        ("CorrectPhoto", ("Work", "/photos/*")),
        ("RequestBackground", ("Work", "/plates/*")),
        ("ReceiveBackground", ("Work", "/plates/*")),
        ("SweepBackgrounds", ("Work", "/plates/*")),
        ("RenderStudio", ("Work", "/plates/*")),
        ("ComposeImage", ("Work", "/composites/*")),
        ("PublishImages", ("Published", "/*")),
        ("StorefrontApi", ("Uploads", "/uploads/*")),
        ("StorefrontApi", ("Purchases", "/batches/*")),
        ("StorefrontApi", ("Purchases", "/forgotten/*")),
        ("PredictorTraining", ("Purchases", "/candidates/*")),
        ("SnapshotPurchases", ("Purchases", "/snapshots/*")),
        ("EvaluateModel", ("Purchases", "/evaluations/*")),
        ("EvaluateModel", ("Purchases", "/models/packshot-*")),
        ("PromoteModel", ("Purchases", "/models/champion.json*")),
        ("RetireModel", ("Purchases", "/models/champion.json*")),
        ("SummarizeDemand", ("Purchases", "/demand/*")),
        ("RecordPurchases", ("Purchases", "/lines/*")),
        ("RecordPurchases", ("Purchases", "/known/*")),
        ("RecordPurchases", ("Purchases", "/reports/*")),
        ("RecordPurchases", ("Purchases", "/continuations/*")),
        ("CollectPosts", ("Trends", "/posts/*")),
        ("CollectPosts", ("Trends", "/pending/*")),
        ("InterpretTrends", ("Trends", "/tallies/*")),
        ("InterpretTrends", ("Trends", "/answers/*")),
        ("PublishTrends", ("Trends", "/tallies/*")),
        ("PublishTrends", ("Trends", "/cursors/*")),
        ("PublishTrends", ("Trends", "/reports/*")),
        ("PurgeSource", ("Trends", "/reports/*")),
    }


def test_only_posts_and_purchases_can_be_deleted(templates: Templates) -> None:
    """No function can delete a photo, an image or a key; posts and customers have to be forgotten."""
    deleting = [
        (name.partition("Role")[0], action, json.dumps(statement["Resource"]))
        for name, statement in templates.statements()
        for action in many(statement["Action"])
        # Which models may go: test_predictor.
        if "Delete" in action and not action.startswith(("logs:", "sagemaker:"))
    ]
    steps = {each.step for each in functions.TRENDS} | {"RecordPurchases"}
    assert {name for name, _, _ in deleting} == steps
    assert {action for _, action, _ in deleting} == {"s3:DeleteObject"}
    assert all("TrendsBucket" in where or "PurchasesBucket" in where for _, _, where in deleting)
    assert not [where for _, _, where in deleting if re.search("(Uploads|Work|Published)Bucket", where)]


# --- the machine, the API, the alarms ---------------------------------------------------------------


def test_the_definition_s_blanks_are_filled(templates: Templates) -> None:
    """Every `${…}` of a definition has a substitution, and no substitution is left over."""
    for name, machine in templates.properties("AWS::StepFunctions::StateMachine").items():
        blanks = set(re.findall(r"\$\{(\w+)\}", machine["DefinitionString"]))
        assert blanks == set(machine["DefinitionSubstitutions"]), name


def test_machines_are_logged_and_traced(templates: Templates) -> None:
    """Every event of every execution is logged; in production without what the states were given."""
    for machine in templates.properties("AWS::StepFunctions::StateMachine").values():
        logging = machine["LoggingConfiguration"]
        assert logging["Level"] == "ALL"
        sandboxed = machine["StateMachineName"].startswith("packshot-sandbox-")
        assert logging["IncludeExecutionData"] is sandboxed
        assert machine["TracingConfiguration"] == {"Enabled": True}


def test_alarms_reach_somebody(templates: Templates) -> None:
    """Each alarm says what happened and rings at the topic, to which alarms may publish."""
    alarms = templates.properties("AWS::CloudWatch::Alarm")
    watched = {(each.get("Namespace"), each.get("MetricName")) for each in alarms.values()}
    assert watched >= {
        ("AWS/States", "ExecutionsFailed"),
        ("AWS/States", "ExecutionsTimedOut"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "Throttles"),
        ("AWS/ApiGateway", "5xx"),
        ("Packshot", "StaleJobs"),
    }
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"], name
        assert len(alarm["AlarmDescription"].split()) > 5
    (policy,) = templates.properties("AWS::SNS::TopicPolicy").values()
    assert '{"Service": "cloudwatch.amazonaws.com"}' in json.dumps(policy["PolicyDocument"])


def test_a_rejected_photo_rings_nobody(templates: Templates) -> None:
    """Functions that reject photos by raising have no alarm on their errors: the machine has one."""
    ringing = json.dumps(
        [
            each
            for each in templates.properties("AWS::CloudWatch::Alarm").values()
            if each.get("MetricName") == "Errors"
        ]
    )
    for each in functions.WORKFLOW:
        assert (f"{each.step}Function" in ringing) != each.rejects


def test_outputs_have_their_agreed_names(templates: Templates) -> None:
    """Whoever uses the stacks finds each part by its name, without knowing which stack has it."""
    named = {
        name
        for stack in templates.stacks.values()
        for name in stack["Outputs"]
        if not name.startswith("Exports")
    }
    assert named == OUTPUTS
