"""A table of records."""

from aws_cdk import RemovalPolicy, aws_dynamodb
from constructs import Construct

from infrastructure.constructs.findings import accept
from infrastructure.environments import Environment

BY_UPDATE = "by_update"
"""Lists a collection (the products), newest first."""
UNSETTLED = "unsettled"
"""Lists the jobs for which somebody may still wait, oldest first."""


class Table(Construct):
    """One table of `pk` and `sk`, paid by the request. Items go when their `expires_at` is past."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, unrestorable: str = ""
    ) -> None:
        """Any second of the last 35 days can be restored, but where `unrestorable` says why none must."""
        super().__init__(scope, construct_id)
        self.table = aws_dynamodb.Table(
            self,
            "Table",
            partition_key=_text("pk"),
            sort_key=_text("sk"),
            billing_mode=aws_dynamodb.BillingMode.PAY_PER_REQUEST,
            deletion_protection=not environment.disposable,
            point_in_time_recovery_specification=aws_dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=not unrestorable
            ),
            removal_policy=RemovalPolicy.DESTROY if environment.disposable else RemovalPolicy.RETAIN,
            time_to_live_attribute="expires_at",
        )
        if unrestorable:
            accept(self.table, "AwsSolutions-DDB3", reason=unrestorable)

    def listed(self, index: str, *, partition: str, sort: str) -> aws_dynamodb.Table:
        """Return the table with an index by two other attributes, both text."""
        self.table.add_global_secondary_index(
            index_name=index, partition_key=_text(partition), sort_key=_text(sort)
        )
        return self.table


def _text(name: str) -> aws_dynamodb.Attribute:
    return aws_dynamodb.Attribute(name=name, type=aws_dynamodb.AttributeType.STRING)
