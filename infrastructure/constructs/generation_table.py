"""The table of what is bought: jobs, budgets, the ledger, callbacks."""

from aws_cdk import RemovalPolicy, aws_dynamodb
from constructs import Construct

from infrastructure.environments import Environment

UNSETTLED = "unsettled"


class GenerationTable(Construct):
    """One table, paid by the request, restorable to any second of 35 days: it knows what was paid."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        """`unsettled` lists the jobs for which somebody may still wait, oldest first."""
        super().__init__(scope, construct_id)
        self.table = aws_dynamodb.Table(
            self,
            "Table",
            partition_key=_text("pk"),
            sort_key=_text("sk"),
            billing_mode=aws_dynamodb.BillingMode.PAY_PER_REQUEST,
            deletion_protection=not environment.disposable,
            point_in_time_recovery_specification=aws_dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=RemovalPolicy.DESTROY if environment.disposable else RemovalPolicy.RETAIN,
            time_to_live_attribute="expires_at",
        )
        self.table.add_global_secondary_index(
            index_name=UNSETTLED, partition_key=_text("open"), sort_key=_text("opened_at")
        )


def _text(name: str) -> aws_dynamodb.Attribute:
    return aws_dynamodb.Attribute(name=name, type=aws_dynamodb.AttributeType.STRING)
