"""What trains the predictor and looks after it: the functions, the machine, what starts it, the alarms."""

from collections.abc import Callable, Mapping

from aws_cdk import (
    Duration,
    Stack,
    aws_cloudwatch,
    aws_events,
    aws_events_targets,
    aws_iam,
    aws_lambda,
    aws_stepfunctions,
)
from constructs import Construct

from infrastructure import functions
from infrastructure.constructs.access import (
    allow_calling,
    allow_locking,
    allow_looking_at_lock,
    allow_predicting,
    allow_reading,
    allow_writing,
)
from infrastructure.constructs.alarm import Alarm
from infrastructure.constructs.dead_letter_queue import DeadLetterQueue
from infrastructure.constructs.findings import accept
from infrastructure.constructs.predictor import VARIANT, Predictor
from infrastructure.constructs.schedule import Schedule
from infrastructure.constructs.state_machine import StateMachine
from infrastructure.environments import Environment
from infrastructure.stacks.storage import StorageStack

MakeFunction = Callable[[functions.Blueprint, dict[str, str]], aws_lambda.Function]
_DEMAND = '{"task": "demand"}'
_MOST_ERRORS = 2
"""Failed answers in five minutes that a model may have: at three in a row, the storefront asks it no more."""


class Training(Construct):
    """A model each week, demand each day, and a way back at once. `failed` keeps runs that went wrong."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        storage: StorageStack,
        predictor: Predictor,
        make: MakeFunction,
    ) -> None:
        """`make` makes a function of its blueprint and settings."""
        super().__init__(scope, construct_id)
        self._environment = environment
        self._storage = storage
        self._predictor = predictor
        # A version's name goes on with the year; the seed's does not, so nothing here can delete it.
        self._versions = f"packshot-{environment.name}-2"
        self.failed = DeadLetterQueue(self, "FailedTrainings").queue
        self._functions = {each.name: make(each, self._settings(each.name)) for each in functions.TRAINING}
        self._grant()
        self.machine = self._make_machine()
        self._allow_sagemaker()
        self._start()
        self._watch()

    def _settings(self, function: str) -> dict[str, str]:
        settings = {"PURCHASES_BUCKET": self._storage.purchases.bucket_name}
        if function != "snapshot_purchases":
            settings["SEED_ENDPOINT_CONFIG"] = self._predictor.seed
        if function == "promote_model":
            settings["PREFERENCES_ENDPOINT"] = self._predictor.endpoint
        return settings

    def _grant(self) -> None:
        """Let each step touch its own prefixes; who judges a model can make none champion."""
        may, bucket = self._functions, self._storage.purchases
        allow_reading(may["snapshot_purchases"], bucket, "lines/", "forgotten/")
        allow_writing(may["snapshot_purchases"], bucket, "snapshots/")
        allow_reading(may["evaluate_model"], bucket, "snapshots/", "candidates/", "models/")
        allow_writing(may["evaluate_model"], bucket, "evaluations/", "models/packshot-")
        allow_reading(may["promote_model"], bucket, "models/")
        allow_writing(may["promote_model"], bucket, "models/champion.json")
        allow_predicting(may["promote_model"], endpoint=self._predictor.endpoint)
        allow_reading(may["retire_model"], bucket, "models/champion.json")
        allow_writing(may["retire_model"], bucket, "models/champion.json")
        allow_reading(may["summarize_demand"], bucket, "snapshots/", "models/")
        allow_writing(may["summarize_demand"], bucket, "demand/")

    def _make_machine(self) -> aws_stepfunctions.StateMachine:
        predictor, table = self._predictor, self._storage.table
        invoked = {f"{each.step}FunctionArn": self._functions[each.name] for each in functions.TRAINING}
        machine = StateMachine(
            self,
            "TrainPreferences",
            environment=self._environment,
            definition="train_preferences",
            substitutions={name: function.function_arn for name, function in invoked.items()}
            | {
                "CatalogueTableName": table.table_name,
                "DeadLetterQueueUrl": self.failed.queue_url,
                "EndpointName": predictor.endpoint,
                "HyperParameters": _jsonata(
                    {"sagemaker_program": "train.py", "sagemaker_submit_directory": predictor.source}
                ),
                "ModelEnvironment": _jsonata(predictor.serving_environment),
                "ModelImage": predictor.image,
                "ModelPrefix": self._versions,
                "ServingRoleArn": predictor.serving_role.role_arn,
                "Serverless": _jsonata(predictor.serverless),
                "TrainingInstance": self._environment.predictor.instance,
                "TrainingRoleArn": predictor.training_role.role_arn,
            },
        ).machine
        allow_calling(machine, invoked.values())
        allow_locking(machine, table, lock="TRAINING")
        allow_looking_at_lock(machine, table, lock="TRAINING")
        self.failed.grant(machine, "sqs:SendMessage")
        return machine

    def _allow_sagemaker(self) -> None:
        """Let the machine train and serve what bears this environment's name, by its two roles alone."""
        predictor, ours = self._predictor, f"{self._versions}*"
        # Step Functions reads the tags of what it makes.
        for actions, resource, name in (
            (
                ["AddTags", "CreateTrainingJob", "DescribeTrainingJob", "ListTags", "StopTrainingJob"],
                "training-job",
                ours,
            ),
            (["CreateModel", "DeleteModel", "ListTags"], "model", ours),
            (["CreateEndpointConfig", "DeleteEndpointConfig", "ListTags"], "endpoint-config", ours),
            # Back to the seed, too.
            (["UpdateEndpoint"], "endpoint-config", f"packshot-{self._environment.name}-*"),
            (["DescribeEndpoint", "ListTags", "UpdateEndpoint"], "endpoint", predictor.endpoint),
        ):
            arn = Stack.of(self).format_arn(service="sagemaker", resource=resource, resource_name=name)
            self._allow(*actions, resource=arn)
        self._allow("ListModels", resource="*")
        self.machine.add_to_role_policy(
            aws_iam.PolicyStatement(
                actions=["iam:PassRole"],
                conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
                resources=[predictor.training_role.role_arn, predictor.serving_role.role_arn],
            )
        )
        # How Step Functions learns that a job has ended.
        rule = Stack.of(self).format_arn(
            service="events",
            resource="rule",
            resource_name="StepFunctionsGetEventsForSageMakerTrainingJobsRule",
        )
        self.machine.add_to_role_policy(
            aws_iam.PolicyStatement(
                actions=["events:DescribeRule", "events:PutRule", "events:PutTargets"], resources=[rule]
            )
        )
        where = "arn:<AWS::Partition>:sagemaker:<AWS::Region>:<AWS::AccountId>"
        accept(
            self.machine.role,
            *(
                f"AwsSolutions-IAM5[Resource::{where}:{resource}/{ours}]"
                for resource in ("training-job", "model", "endpoint-config")
            ),
            f"AwsSolutions-IAM5[Resource::{where}:endpoint-config/packshot-{self._environment.name}-*]",
            reason="Each version has a job, a model and a configuration of its own, named by when it began.",
        )
        accept(
            self.machine.role, "AwsSolutions-IAM5[Resource::*]", reason="A list of models knows no resources."
        )

    def _allow(self, *actions: str, resource: str) -> None:
        """Let the machine do this at SageMaker."""
        statement = aws_iam.PolicyStatement(
            actions=[f"sagemaker:{action}" for action in actions], resources=[resource]
        )
        self.machine.add_to_role_policy(statement)

    def _start(self) -> None:
        chosen = self._environment.predictor
        for construct_id, every, request, says in (
            ("Train", chosen.every_hours, "{}", "Trains a new model of what customers buy next"),
            (
                "Foresee",
                chosen.demand_hours,
                _DEMAND,
                "Foresees what customers will buy, for scenes to follow",
            ),
        ):
            Schedule(
                self,
                construct_id,
                machine=self.machine,
                undelivered=self.failed,
                every=Duration.hours(every),
                says=says,
                request=request,
            )

    def _watch(self) -> None:
        self._return_on(self._sickness())
        topic, five = self._storage.alarms, Duration.minutes(5)
        for construct_id, metric, says in (
            (
                "TrainingFailed",
                self.machine.metric_failed(period=five, statistic="Sum"),
                "A training failed, or its model was sick; the model before serves on. See the execution.",
            ),
            (
                "TrainingTimedOut",
                self.machine.metric_timed_out(period=five, statistic="Sum"),
                "A training took longer than six hours; look at the execution's last state.",
            ),
            (
                "TrainingsWaiting",
                self.failed.metric_approximate_number_of_messages_visible(period=five, statistic="Maximum"),
                "Trainings that failed or could not be started wait in the dead-letter queue.",
            ),
        ):
            Alarm(self, construct_id, metric=metric, topic=topic, says=says)
        for name, function in self._functions.items():
            Alarm(
                function,
                "Errors",
                metric=function.metric_errors(period=five, statistic="Sum"),
                topic=topic,
                above=10,
                says=f"{name} keeps raising errors; its log group has the stack trace.",
            )

    def _sickness(self) -> aws_cloudwatch.Alarm:
        metric = aws_cloudwatch.Metric(
            namespace="AWS/SageMaker",
            metric_name="Invocation5XXErrors",
            dimensions_map={"EndpointName": self._predictor.endpoint, "VariantName": VARIANT},
            period=Duration.minutes(5),
            statistic="Sum",
        )
        return Alarm(
            self,
            "ModelSick",
            metric=metric,
            topic=self._storage.alarms,
            above=_MOST_ERRORS,
            says="The predictor's endpoint fails; a model that is new goes, and the one before serves again.",
        ).alarm

    def _return_on(self, alarm: aws_cloudwatch.Alarm) -> None:
        """Let the machine take the champion out of service when the alarm rings."""
        why = f"the alarm rang at {aws_events.EventField.from_path('$.time')}"
        aws_events.Rule(
            self,
            "ModelReturns",
            description="The predictor's endpoint fails: the model before takes over",
            event_pattern=aws_events.EventPattern(
                source=["aws.cloudwatch"],
                detail_type=["CloudWatch Alarm State Change"],
                resources=[alarm.alarm_arn],
                detail={"state": {"value": ["ALARM"]}},
            ),
            targets=[
                aws_events_targets.SfnStateMachine(
                    self.machine,
                    dead_letter_queue=self.failed,
                    input=aws_events.RuleTargetInput.from_object({"retire": why}),
                    max_event_age=Duration.hours(1),
                    retry_attempts=10,
                )
            ],
        )


def _jsonata(values: Mapping[str, object]) -> str:
    """Return an object as JSONata writes it; texts hold no quotes."""
    members = (f"'{name}': {each if isinstance(each, int) else repr(each)}" for name, each in values.items())
    return f"{{{', '.join(members)}}}"
