"""Findings of cdk-nag that are accepted, each beside its construct and with its reason."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def accept(construct: IConstruct, *findings: str, reason: str) -> None:
    """Acknowledge findings such as `AwsSolutions-IAM5[Resource::*]` on a construct and all below it."""
    Validations.of(construct).acknowledge(*(Acknowledgment(id=each, reason=reason) for each in findings))
