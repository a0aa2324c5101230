"""Buckets, tables, secrets, signed addresses, and a model endpoint without a model."""

import json
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.local.conformance.stand import Conformance


def test_every_version_of_an_object_can_be_read(conformance: Conformance) -> None:
    """A photo that was replaced is still there under its version."""
    s3, bucket = conformance.cloud.client("s3"), conformance.cloud.outputs["UploadsBucket"]
    first = s3.put_object(Bucket=bucket, Key="versions/a", Body=b"first")["VersionId"]
    s3.put_object(Bucket=bucket, Key="versions/a", Body=b"second")

    assert s3.get_object(Bucket=bucket, Key="versions/a", VersionId=first)["Body"].read() == b"first"
    assert s3.get_object(Bucket=bucket, Key="versions/a")["Body"].read() == b"second"


def test_user_metadata_comes_back(conformance: Conformance) -> None:
    """What the shop says about the product travels with the object."""
    s3, bucket = conformance.cloud.client("s3"), conformance.cloud.outputs["UploadsBucket"]
    s3.put_object(Bucket=bucket, Key="metadata/a", Body=b"", Metadata={"Category": "bags"})

    assert s3.head_object(Bucket=bucket, Key="metadata/a")["Metadata"] == {"category": "bags"}


def test_a_conditional_write_happens_once(conformance: Conformance) -> None:
    """Of two claims of one record the second is refused, by the name that our adapter looks for."""
    table = conformance.cloud.client("dynamodb")
    claim: dict[str, Any] = {
        "TableName": conformance.cloud.outputs["CatalogueTable"],
        "Item": {"pk": {"S": "SKU#claim"}, "sk": {"S": "PHOTO#1"}},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    table.put_item(**claim)

    with pytest.raises(table.exceptions.ConditionalCheckFailedException):
        table.put_item(**claim)


def test_the_api_keys_hash_is_in_the_secret(conformance: Conformance) -> None:
    """The start put the hash of its key there, and not the key."""
    secrets, cloud = conformance.cloud.client("secretsmanager"), conformance.cloud
    value = secrets.get_secret_value(SecretId=cloud.outputs["ApiKeysSecretArn"])["SecretString"]

    (key,) = json.loads(value)["keys"]
    assert key["name"] == "local"
    assert len(key["sha256"]) == 64
    assert cloud.api_key not in value


@pytest.fixture(scope="module")
def signed(conformance: Conformance) -> dict[str, Any]:
    """Return what a handler signed: an address and a form."""
    place = {"bucket": conformance.cloud.outputs["UploadsBucket"], "key": "signed/tasse é + 1.jpg"}
    payload: dict[str, Any] = conformance.invoke("sign", place)["payload"]
    return payload


def post(form: dict[str, Any], body: bytes, **changed: str) -> int:
    """Send a form as a browser would and return the status."""
    fields = {**form["fields"], **changed}
    return httpx.post(form["url"], data=fields, files={"file": ("a.jpg", body)}, timeout=20).status_code


def test_a_signed_form_uploads_and_a_signed_address_serves(
    conformance: Conformance, signed: dict[str, Any]
) -> None:
    """Both point at the reachable endpoint, though a handler made them."""
    assert post(signed["form"], b"pixels") in {200, 204}
    assert signed["url"].startswith(conformance.cloud.endpoint)
    assert httpx.get(signed["url"], timeout=20).content == b"pixels"


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        (b"x" * 1001, {}),
        (b"", {}),
        (b"pixels", {"Content-Type": "text/html"}),
        (b"pixels", {"key": "elsewhere.jpg"}),
        (b"pixels", {"x-amz-meta-brand": "another"}),
    ],
    ids=["too large", "empty", "another type", "another key", "another brand"],
)
def test_a_form_holds_the_sender_to_its_conditions(
    signed: dict[str, Any], body: bytes, changed: dict[str, str]
) -> None:
    """Size, type, key and metadata are what was signed, or nothing is stored."""
    assert 400 <= post(signed["form"], body, **changed) < 500


def test_an_endpoint_without_a_model_says_so(conformance: Conformance) -> None:
    """The template's endpoint is there; calling it tells that no model server runs."""
    sagemaker = conformance.cloud.client("sagemaker-runtime")

    with pytest.raises(ClientError, match="No model server runs") as failure:
        sagemaker.invoke_endpoint(EndpointName=conformance.cloud.outputs["EndpointName"], Body=b"{}")
    assert failure.value.response["Error"]["Code"] == "ServiceUnavailable"
