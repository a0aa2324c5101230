"""What a stack tells those who use it."""

from aws_cdk import CfnOutput
from constructs import Construct


def show(stack: Construct, name: str, value: str) -> None:
    """Make an output of exactly this name."""
    CfnOutput(stack, name, value=value).override_logical_id(name)
