"""What starts a state machine again and again."""

from aws_cdk import Duration, aws_iam, aws_scheduler, aws_sqs, aws_stepfunctions
from constructs import Construct


class Schedule(Construct):
    """EventBridge Scheduler, with a quarter of an hour to choose from; what fails to start is queued."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        machine: aws_stepfunctions.StateMachine,
        undelivered: aws_sqs.Queue,
        every: Duration,
        says: str,
        request: str = "{}",
    ) -> None:
        """Start the machine with this request (JSON); `says` tells a person what for."""
        super().__init__(scope, construct_id)
        role = aws_iam.Role(
            self, "Role", assumed_by=aws_iam.ServicePrincipal("scheduler.amazonaws.com"), description=says
        )
        machine.grant_start_execution(role)
        undelivered.grant(role, "sqs:SendMessage")
        hours = round(every.to_hours())
        self.schedule = aws_scheduler.CfnSchedule(
            self,
            "Schedule",
            description=says,
            flexible_time_window=aws_scheduler.CfnSchedule.FlexibleTimeWindowProperty(
                mode="FLEXIBLE", maximum_window_in_minutes=15
            ),
            schedule_expression=f"rate({hours} hour{'s' if hours > 1 else ''})",
            target=aws_scheduler.CfnSchedule.TargetProperty(
                arn=machine.state_machine_arn,
                role_arn=role.role_arn,
                dead_letter_config=aws_scheduler.CfnSchedule.DeadLetterConfigProperty(
                    arn=undelivered.queue_arn
                ),
                input=request,
                retry_policy=aws_scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=3600, maximum_retry_attempts=10
                ),
            ),
        )
