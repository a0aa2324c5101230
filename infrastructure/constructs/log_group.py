"""Logs that are kept for as long as the environment says."""

from aws_cdk import RemovalPolicy, aws_logs
from constructs import Construct

from infrastructure.environments import Environment

# CloudWatch knows only certain numbers of days, and CDK has a word for each.
_RETENTION = {
    7: aws_logs.RetentionDays.ONE_WEEK,
    30: aws_logs.RetentionDays.ONE_MONTH,
    90: aws_logs.RetentionDays.THREE_MONTHS,
    365: aws_logs.RetentionDays.ONE_YEAR,
}


class LogGroup(Construct):
    """A log group; logs are no treasure, so it goes with its stack."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, name: str | None = None
    ) -> None:
        """Without a name CloudFormation gives one."""
        super().__init__(scope, construct_id)
        self.log_group = aws_logs.LogGroup(
            self,
            "Group",
            log_group_name=name,
            removal_policy=RemovalPolicy.DESTROY,
            retention=_RETENTION[environment.log_days],
        )
