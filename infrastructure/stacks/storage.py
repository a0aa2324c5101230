"""What is kept: photos, images, records, keys; and the bus and topic through which others hear of it."""

from aws_cdk import (
    RemovalPolicy,
    SecretValue,
    Stack,
    aws_events,
    aws_iam,
    aws_s3,
    aws_secretsmanager,
    aws_sns,
)
from constructs import Construct

from infrastructure.constructs.bucket import Bucket
from infrastructure.constructs.findings import accept
from infrastructure.constructs.outputs import show
from infrastructure.constructs.table import BY_UPDATE, UNSETTLED, Table
from infrastructure.environments import Environment


class StorageStack(Stack):
    """Everything with a memory. It changes rarely, and the other stacks can be thrown away and made again."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        """Make the buckets, the table, the keys, the bus and the topic."""
        super().__init__(scope, construct_id, description=f"Packshot {environment.name}: what is kept")
        self._environment = environment
        access_logs = self._access_logs()
        self.uploads = Bucket(
            self, "Uploads", environment=environment, announce=True, access_logs=access_logs, cors=[_FORMS]
        ).bucket
        self.work = Bucket(self, "Work", environment=environment, expire_days=environment.work_days).bucket
        self.published = Bucket(self, "Published", environment=environment, access_logs=access_logs).bucket
        self.weights = Bucket(self, "Weights", environment=environment, access_logs=access_logs).bucket
        self.trends = Bucket(self, "Trends", environment=environment, forget=_TRENDS).bucket
        self.purchases = Bucket(
            self,
            "Purchases",
            environment=environment,
            announce=True,
            access_logs=access_logs,
            forget=_PURCHASES,
        ).bucket
        self.histories = Table(
            self,
            "Histories",
            environment=environment,
            unrestorable="Who is forgotten must not come back from a backup; the lines in S3 are enough.",
        ).table
        self.table = Table(self, "Catalogue", environment=environment).listed(
            BY_UPDATE, partition="collection", sort="updated_at"
        )
        # What is bought: jobs, budgets, the ledger, callbacks.
        self.generation = Table(self, "Generation", environment=environment).listed(
            UNSETTLED, partition="open", sort="opened_at"
        )
        self.bus = aws_events.EventBus(self, "Bus", event_bus_name=f"packshot-{environment.name}")
        self.alarms = self._alarms()
        self.api_keys = self._api_keys()
        self.trend_keys = self._trend_keys()
        self.generator = self._generator()
        accept(
            self.work,
            "AwsSolutions-S1",
            reason="Intermediate images that only our functions touch; they are gone after days.",
        )
        accept(
            self.trends,
            "AwsSolutions-S1",
            reason="Only our functions touch it; words of posts are to leave no trace, in logs neither.",
        )
        self._show()

    def _access_logs(self) -> aws_s3.Bucket:
        logs = Bucket(
            self, "AccessLogs", environment=self._environment, expire_days=self._environment.log_days
        ).bucket
        accept(logs, "AwsSolutions-S1", reason="Logging the accesses to the access logs would never end.")
        return logs

    def _alarms(self) -> aws_sns.Topic:
        topic = aws_sns.Topic(self, "Alarms", enforce_ssl=True)
        # A policy of one's own replaces the default one, through which alarms could publish.
        topic.add_to_resource_policy(
            aws_iam.PolicyStatement(
                actions=["sns:Publish"],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
                principals=[aws_iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                resources=[topic.topic_arn],
            )
        )
        return topic

    def _api_keys(self) -> aws_secretsmanager.Secret:
        # Only hashes ever lie in it; it starts empty, and the template is not where keys are added.
        secret = aws_secretsmanager.Secret(
            self,
            "ApiKeys",
            description="Names and SHA-256 hashes of the storefront API's keys",
            removal_policy=RemovalPolicy.DESTROY if self._environment.disposable else RemovalPolicy.RETAIN,
            secret_string_value=SecretValue.unsafe_plain_text('{"keys": []}'),
        )
        accept(
            secret,
            "AwsSolutions-SMG4",
            reason="Hashes of clients' keys: a client gets a second key, moves, and the first goes.",
        )
        return secret

    def _trend_keys(self) -> aws_secretsmanager.Secret:
        secret = aws_secretsmanager.Secret(
            self,
            "TrendKeys",
            description="Keys of Reddit and Groq; empty ones switch both off",
            removal_policy=RemovalPolicy.DESTROY if self._environment.disposable else RemovalPolicy.RETAIN,
            secret_string_value=SecretValue.unsafe_plain_text('{"groq": {}, "reddit": {}}'),
        )
        accept(secret, "AwsSolutions-SMG4", reason="Neither service has keys that can be rotated by a call.")
        return secret

    def _generator(self) -> aws_secretsmanager.Secret:
        # Empty until somebody connects one: then the studio makes every plate.
        secret = aws_secretsmanager.Secret(
            self,
            "Generator",
            description="The image generator's token and the secret that signs its callbacks",
            removal_policy=RemovalPolicy.DESTROY if self._environment.disposable else RemovalPolicy.RETAIN,
            secret_string_value=SecretValue.unsafe_plain_text("{}"),
        )
        accept(
            secret, "AwsSolutions-SMG4", reason="The generator has no way to exchange its tokens by itself."
        )
        return secret

    def _show(self) -> None:
        show(self, "UploadsBucket", self.uploads.bucket_name)
        show(self, "WorkBucket", self.work.bucket_name)
        show(self, "PublishedBucket", self.published.bucket_name)
        show(self, "WeightsBucket", self.weights.bucket_name)
        show(self, "TrendsBucket", self.trends.bucket_name)
        show(self, "TrendKeysSecretArn", self.trend_keys.secret_arn)
        show(self, "CatalogueTable", self.table.table_name)
        show(self, "EventBusName", self.bus.event_bus_name)
        show(self, "ApiKeysSecretArn", self.api_keys.secret_arn)
        show(self, "GeneratorSecretArn", self.generator.secret_arn)
        show(self, "GenerationTable", self.generation.table_name)
        show(self, "PurchasesBucket", self.purchases.bucket_name)
        show(self, "HistoriesTable", self.histories.table_name)


# Words lie there for two days at most: S3 counts whole days from the midnight after. Counts may stay.
_TRENDS = {"posts/": 1, "drops/": 1, "answers/": 1, "pending/": 2, "tallies/": 400, "reports/": 400}

# A shop's files hold customers who may be forgotten: they go once their lines are kept.
_PURCHASES = {
    "purchases/": 7,
    "batches/": 7,
    "reports/": 90,
    # Every snapshot leaves those out who were forgotten, so no old one may stay.
    "snapshots/": 1,
    "candidates/": 30,
    "evaluations/": 400,
}

# Browsers post photos straight to the bucket, from any page: the signed form is the permission.
_FORMS = aws_s3.CorsRule(
    allowed_headers=["*"],
    allowed_methods=[aws_s3.HttpMethods.POST],
    allowed_origins=["*"],
    exposed_headers=["ETag", "x-amz-version-id"],
    max_age=3600,
)
