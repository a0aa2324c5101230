"""What wakes somebody."""

from aws_cdk import aws_cloudwatch, aws_cloudwatch_actions, aws_sns
from constructs import Construct


class Alarm(Construct):
    """Rings when the metric's sum over its period passes the threshold once; silence is good news."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        metric: aws_cloudwatch.Metric,
        topic: aws_sns.ITopic,
        says: str,
        above: int = 0,
    ) -> None:
        """`says` tells the person who is woken what happened and where to look."""
        super().__init__(scope, construct_id)
        self.alarm = aws_cloudwatch.Alarm(
            self,
            "Alarm",
            alarm_description=says,
            comparison_operator=aws_cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            metric=metric,
            threshold=above,
            treat_missing_data=aws_cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self.alarm.add_alarm_action(aws_cloudwatch_actions.SnsAction(topic))
