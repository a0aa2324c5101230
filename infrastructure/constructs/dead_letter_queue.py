"""Where events go that could not be worked on."""

from aws_cdk import Duration, aws_sqs
from constructs import Construct

from infrastructure.constructs.findings import accept


class DeadLetterQueue(Construct):
    """Encrypted, TLS only; a message stays 14 days, the longest that SQS allows."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        """Whoever sends to it is granted that where the two meet."""
        super().__init__(scope, construct_id)
        self.queue = aws_sqs.Queue(
            self,
            "Queue",
            encryption=aws_sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        accept(
            self.queue, "AwsSolutions-SQS3", reason="It is itself the dead-letter queue; an alarm empties it."
        )
