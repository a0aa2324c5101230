"""A network's weights as a deployment asset: too large for a layer, so the function reads them from S3."""

from aws_cdk import FileAssetPackaging, Stack, aws_lambda
from constructs import Construct

from infrastructure.constructs.access import allow_reading_asset
from layers import weights


class NetworkWeights(Construct):
    """One of the published networks. Its file has to be there when the stack is deployed, not before."""

    def __init__(self, scope: Construct, construct_id: str, *, network: str) -> None:
        """`bucket` and `key` say where the deployment puts it."""
        super().__init__(scope, construct_id)
        published = weights.PUBLISHED[network]
        # An `aws_s3_assets.Asset` reads the file to name it: whoever only looks at the template would have to
        # fetch 176 MB. We know its name, which is its checksum.
        location = Stack.of(self).synthesizer.add_file_asset(
            source_hash=published.sha256,
            file_name=str(weights.SHELF / published.file),
            packaging=FileAssetPackaging.FILE,
            display_name=published.file,
        )
        self.bucket, self.key = location.bucket_name, location.object_key

    def allow_reading(self, function: aws_lambda.Function) -> None:
        """Let a function read the weights."""
        allow_reading_asset(function, bucket=self.bucket, key=self.key)
