"""The table in which one lookup tells what a customer bought."""

from aws_cdk import RemovalPolicy, aws_dynamodb
from constructs import Construct

from infrastructure.constructs.findings import accept
from infrastructure.environments import Environment


class HistoriesTable(Construct):
    """One table, paid by the request. No backup of it: who is forgotten must not come back from one."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        """Make it; what it holds can be made again from the lines in the purchases bucket."""
        super().__init__(scope, construct_id)
        self.table = aws_dynamodb.Table(
            self,
            "Table",
            partition_key=_text("pk"),
            sort_key=_text("sk"),
            billing_mode=aws_dynamodb.BillingMode.PAY_PER_REQUEST,
            deletion_protection=not environment.disposable,
            removal_policy=RemovalPolicy.DESTROY if environment.disposable else RemovalPolicy.RETAIN,
            time_to_live_attribute="expires_at",
        )
        accept(
            self.table,
            "AwsSolutions-DDB3",
            reason="Who is forgotten must not come back from a backup; the lines in S3 are enough.",
        )


def _text(name: str) -> aws_dynamodb.Attribute:
    return aws_dynamodb.Attribute(name=name, type=aws_dynamodb.AttributeType.STRING)
