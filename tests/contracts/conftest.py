"""Real clients against moto, in-process, beside the fakes that ship."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from tests.contracts.tables import make_table

TABLE = "catalogue"
BUCKET = "packshot-contract"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand an empty account up, with credentials that open nothing else."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        yield


@pytest.fixture
def bucket(aws: None) -> str:  # noqa: ARG001 - the account has to stand first
    """Make a versioned bucket."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return BUCKET


@pytest.fixture
def table(aws: None) -> str:  # noqa: ARG001 - the account has to stand first
    """Make the catalogue's table as the stack does."""
    return make_table(TABLE, index="by_update", by=("collection", "updated_at"))
