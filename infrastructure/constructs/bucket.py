"""A bucket that nobody outside can read, and that forgets what is no longer of use."""

from collections.abc import Mapping, Sequence
from typing import cast

from aws_cdk import Duration, RemovalPolicy, aws_s3
from constructs import Construct

from infrastructure.environments import Environment


class Bucket(Construct):
    """Private, TLS only, versioned; half-done uploads and old versions expire."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        expire_days: int | None = None,
        cors: Sequence[aws_s3.CorsRule] = (),
        announce: bool = False,
        access_logs: aws_s3.IBucket | None = None,
        forget: Mapping[str, int] | None = None,
    ) -> None:
        """Note requests in `access_logs`; with `announce`, tell EventBridge of each change.

        With `forget` (prefix → days) it keeps no versions: what is forgotten there has to be gone.
        """
        super().__init__(scope, construct_id)
        self.bucket = aws_s3.Bucket(
            self,
            "Bucket",
            block_public_access=aws_s3.BlockPublicAccess.BLOCK_ALL,
            cors=list(cors) or None,
            encryption=aws_s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            lifecycle_rules=[_forget_prefix(*each) for each in forget.items()]
            if forget
            else [_forget(environment, expire_days=expire_days), _TIDY],
            object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=RemovalPolicy.DESTROY if environment.disposable else RemovalPolicy.RETAIN,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix=f"{construct_id.lower()}/" if access_logs else None,
            versioned=not forget,
        )
        if announce:
            _announce(cast("aws_s3.CfnBucket", self.bucket.node.default_child))


# What expires in a versioned bucket leaves a marker behind, which S3 removes only if it is told to.
_TIDY = aws_s3.LifecycleRule(id="Tidy", expired_object_delete_marker=True)


def _forget(environment: Environment, *, expire_days: int | None) -> aws_s3.LifecycleRule:
    return aws_s3.LifecycleRule(
        id="Forget",
        abort_incomplete_multipart_upload_after=Duration.days(1),
        expiration=Duration.days(expire_days) if expire_days else None,
        noncurrent_version_expiration=Duration.days(environment.noncurrent_days),
    )


def _forget_prefix(prefix: str, days: int) -> aws_s3.LifecycleRule:
    return aws_s3.LifecycleRule(
        id=f"Forget{prefix.title().strip('/')}",
        abort_incomplete_multipart_upload_after=Duration.days(1),
        expiration=Duration.days(days),
        prefix=prefix,
    )


def _announce(bucket: aws_s3.CfnBucket) -> None:
    # CDK's own `event_bridge_enabled` brings a custom resource and a Lambda for this one property.
    bucket.notification_configuration = aws_s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=aws_s3.CfnBucket.EventBridgeConfigurationProperty(
            event_bridge_enabled=True
        )
    )
