"""What is kept, how long and for whom, as the synthesized templates promise it."""

import json

import pytest

from tests.infrastructure.assemblies import Properties, Templates, buckets, our_functions


def test_buckets_are_private_versioned_and_forget(templates: Templates) -> None:
    """No bucket can be opened to the world, and each lets go of what is no longer of use."""
    assert set(buckets(templates)) == {
        "AccessLogs",
        "Uploads",
        "Work",
        "Published",
        "Weights",
        "Trends",
        "Purchases",
    }
    for name, bucket in buckets(templates).items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        if name in {"Trends", "Purchases"}:
            continue
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert bucket["BucketEncryption"]
        rule, tidy = bucket["LifecycleConfiguration"]["Rules"]
        assert rule["Status"] == tidy["Status"] == "Enabled"
        assert tidy["ExpiredObjectDeleteMarker"] is True
        assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] >= 7
        assert ("ExpirationInDays" in rule) == (name in {"AccessLogs", "Work"})


def test_words_of_posts_are_gone_within_two_days(templates: Templates) -> None:
    """Where words lie nothing is versioned, and they expire after a day, which S3 counts from midnight."""
    trends = buckets(templates)["Trends"]
    assert "VersioningConfiguration" not in trends
    rules = {each["Prefix"]: each["ExpirationInDays"] for each in trends["LifecycleConfiguration"]["Rules"]}
    assert {rules[prefix] for prefix in ("posts/", "drops/", "answers/")} == {1}
    assert {each["Status"] for each in trends["LifecycleConfiguration"]["Rules"]} == {"Enabled"}


def test_a_forgotten_customer_cannot_come_back(templates: Templates) -> None:
    """Nothing of purchases is versioned or backed up, and a shop's own files are gone after a week."""
    purchases = buckets(templates)["Purchases"]
    assert "VersioningConfiguration" not in purchases
    rules = {
        each["Prefix"]: each["ExpirationInDays"] for each in purchases["LifecycleConfiguration"]["Rules"]
    }
    assert rules["purchases/"] == rules["batches/"] == 7
    assert not {"lines/", "known/", "forgotten/", "models/"} & rules.keys()
    tables = templates.properties("AWS::DynamoDB::Table")
    (table,) = (each for name, each in tables.items() if name.startswith("Histories"))
    assert [each["AttributeName"] for each in table["KeySchema"]] == ["pk", "sk"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": False}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_trends_are_refreshed_on_schedule(templates: Templates) -> None:
    """Every six hours, some time within a quarter of an hour, and what cannot be started is kept."""
    (schedule,) = schedules_of(templates, "RefreshTrends")
    assert schedule["ScheduleExpression"] == "rate(6 hours)"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    assert "FailedRefreshes" in json.dumps(schedule["Target"]["DeadLetterConfig"])


def schedules_of(templates: Templates, machine: str) -> list[Properties]:
    """Return the schedules that start a state machine."""
    every = templates.properties("AWS::Scheduler::Schedule").values()
    return [each for each in every if machine in json.dumps(each["Target"]["Arn"])]


def test_a_model_is_trained_each_week_and_demand_foreseen_each_day(templates: Templates) -> None:
    """Both by the same machine, so that a training and a day's run never meet."""
    schedules = schedules_of(templates, "TrainPreferences")
    asked = {each["Target"]["Input"]: each["ScheduleExpression"] for each in schedules}
    assert asked == {"{}": "rate(168 hours)", '{"task": "demand"}': "rate(24 hours)"}
    for schedule in schedules:
        assert "FailedTrainings" in json.dumps(schedule["Target"]["DeadLetterConfig"])


def test_reddit_is_off_until_an_operator_approves_it(templates: Templates) -> None:
    """No environment that ships asks Reddit, and none asks a language model."""
    ours = our_functions(templates)
    assert ours["collect_posts"]["Environment"]["Variables"]["REDDIT_APPROVED"] == "false"
    assert ours["interpret_trends"]["Environment"]["Variables"]["INTERPRETER"] == "embedded"


def test_buckets_refuse_plain_http(templates: Templates) -> None:
    """Each bucket's policy denies what does not come over TLS."""
    policies = templates.properties("AWS::S3::BucketPolicy").values()
    assert len(policies) == len(buckets(templates))
    for policy in policies:
        denied = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in [each["Condition"] for each in denied]


def test_only_uploads_can_be_posted_from_a_page(templates: Templates) -> None:
    """Browsers may post forms to the uploads bucket, and do nothing else anywhere."""
    rules = {
        name: each["CorsConfiguration"]["CorsRules"]
        for name, each in buckets(templates).items()
        if "CorsConfiguration" in each
    }
    assert list(rules) == ["Uploads"]
    assert [each["AllowedMethods"] for each in rules["Uploads"]] == [["POST"]]


@pytest.mark.parametrize(
    ("part", "name", "keys"),
    [
        ("Catalogue", "by_update", ["collection", "updated_at"]),
        ("Generation", "unsettled", ["open", "opened_at"]),
    ],
)
def test_the_tables_are_laid_out_as_the_adapters_read_them(
    templates: Templates, part: str, name: str, keys: list[str]
) -> None:
    """Keys, index, expiry and point-in-time recovery are what the adapters rely on."""
    tables = templates.properties("AWS::DynamoDB::Table")
    (table,) = (each for logical, each in tables.items() if logical.startswith(part))
    assert [each["AttributeName"] for each in table["KeySchema"]] == ["pk", "sk"]
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == name
    assert [each["AttributeName"] for each in index["KeySchema"]] == keys
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_production_keeps_what_it_has(production: Templates) -> None:
    """Deleting production's stacks deletes no photo, no record and no key."""
    for kind in ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SecretsManager::Secret"):
        for name, resource in production.resources(kind).items():
            assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain", name
    for table in production.properties("AWS::DynamoDB::Table").values():
        assert table["DeletionProtectionEnabled"] is True


def test_the_secrets_hold_no_key(templates: Templates) -> None:
    """Keys are added to the secrets themselves, never to a template."""
    secrets = templates.properties("AWS::SecretsManager::Secret").values()
    held = [json.loads(secret["SecretString"]) for secret in secrets]
    assert {"keys": []} in held
    assert {"groq": {}, "reddit": {}} in held
    assert {} in held
    assert not [value for each in held for value in each.values() if value]


def test_the_sweep_comes_every_five_minutes(templates: Templates) -> None:
    """A callback that never came costs a photo five minutes, not its image."""
    rules = templates.properties("AWS::Events::Rule").values()
    (rule,) = (each for each in rules if "SweepBackgroundsFunction" in json.dumps(each["Targets"]))
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert json.loads(rule["Targets"][0]["Input"]) == {}
