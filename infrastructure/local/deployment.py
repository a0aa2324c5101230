"""Stand the stacks of an assembly up through CloudFormation's own API."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from infrastructure.local.assembly import Assembly, Asset, Stack
from infrastructure.local.emulator.assets import pointer_to
from infrastructure.local.errors import CloudError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client

Clients = Callable[[str], Any]
"""What makes a client of the local cloud by the name of its service."""

_POLL_S = 0.05
_STACK_LIMIT_S = 120
_TEMPLATES = "local-cloud-templates"
_BOOTSTRAP_VERSION = "9999"


def deploy(
    assembly: Assembly, clients: Clients, *, account: str, progress: Callable[[str], None]
) -> Mapping[str, str]:
    """Deploy every stack and return all their outputs; `CloudError` names each resource that failed."""
    s3, ssm, cloudformation = clients("s3"), clients("ssm"), clients("cloudformation")
    publish_assets(assembly.assets, s3, account=account)
    s3.create_bucket(Bucket=_TEMPLATES)
    outputs: dict[str, str] = {}
    for stack in assembly.stacks:
        progress(f"Deploying {stack.name}")
        _satisfy_bootstrap_check(stack, ssm)
        outputs |= _create(stack, cloudformation, template_url=_publish(stack, s3))
    return outputs


def publish_assets(assets: tuple[Asset, ...], s3: "S3Client", *, account: str) -> None:
    """Put everything that the templates refer to into its buckets, which are made on the way."""
    buckets: set[str] = set()
    for asset in assets:
        bucket = asset.bucket.replace("${AWS::AccountId}", account)
        bucket = bucket.replace("${AWS::Region}", s3.meta.region_name)
        if bucket not in buckets:
            s3.create_bucket(Bucket=bucket)
            buckets.add(bucket)
        _put(asset, s3, bucket=bucket)


def _put(asset: Asset, s3: "S3Client", *, bucket: str) -> None:
    """Put the asset where the template looks for it; weights that were not fetched are left out.

    Their function finds out, as it would on AWS, and takes another engine.
    """
    if asset.source.is_dir():
        s3.put_object(Bucket=bucket, Key=asset.key, Body=pointer_to(asset.source))
    elif asset.source.is_file():
        with asset.source.open("rb") as file:
            s3.put_object(Bucket=bucket, Key=asset.key, Body=file)
    elif asset.source.suffix != ".onnx":
        raise CloudError(f"{asset.source} is not there: run `make synth`")


def _satisfy_bootstrap_check(stack: Stack, ssm: Any) -> None:  # noqa: ANN401 (no stubs for SSM)
    """Put the parameters that the template reads from SSM: CDK's check that the account was bootstrapped."""
    for parameter in stack.read().get("Parameters", {}).values():
        if parameter["Type"].startswith("AWS::SSM::Parameter::Value"):
            name, value = parameter["Default"], _BOOTSTRAP_VERSION
            ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


def _publish(stack: Stack, s3: "S3Client") -> str:
    """Return the template's address; a template in the call itself may have 51,200 bytes at most."""
    key = f"{stack.name}.json"
    s3.put_object(Bucket=_TEMPLATES, Key=key, Body=stack.template.read_bytes())
    return f"{s3.meta.endpoint_url}/{_TEMPLATES}/{key}"


def _create(stack: Stack, cloudformation: "CloudFormationClient", *, template_url: str) -> dict[str, str]:
    try:
        cloudformation.create_stack(
            StackName=stack.name,
            TemplateURL=template_url,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            DisableRollback=True,
        )
    except cloudformation.exceptions.ClientError as error:
        raise CloudError(f"{stack.name} was refused: {error}") from error
    deadline = time.monotonic() + _STACK_LIMIT_S
    while time.monotonic() < deadline:
        description = cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]
        match description["StackStatus"]:
            case "CREATE_COMPLETE":
                return {o["OutputKey"]: o["OutputValue"] for o in description.get("Outputs", [])}
            case "CREATE_IN_PROGRESS":
                time.sleep(_POLL_S)
            case status:
                raise CloudError(f"{stack.name} is {status}:\n{_failures(stack, cloudformation)}")
    raise CloudError(f"{stack.name} was not there after {_STACK_LIMIT_S} s")


def _failures(stack: Stack, cloudformation: "CloudFormationClient") -> str:
    events = cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
    return "\n".join(
        f"  {event['LogicalResourceId']} ({event['ResourceType']}): {event.get('ResourceStatusReason')}"
        for event in reversed(events)
        if event.get("ResourceStatus", "").endswith("FAILED")
    )
