"""The predictor's endpoint, asked as it is: SageMaker's data plane."""

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from packshot.adapters.aws import client_config
from packshot.errors import PredictorUnavailable

_COLD_SECONDS = 60
"""A serverless endpoint that was just updated loads its container first."""


class SageMakerEndpoint:
    """One endpoint. It is for looking after a model; whoever serves customers has less patience."""

    def __init__(self, name: str, client: Any = None) -> None:  # noqa: ANN401 - no stubs for this service
        self._name = name
        patient = client_config().merge(Config(read_timeout=_COLD_SECONDS))
        self._runtime = client or boto3.client("sagemaker-runtime", config=patient)

    def ask(self, body: bytes) -> bytes:
        """Return the answer; `PredictorUnavailable` tells what SageMaker or the model said instead."""
        try:
            answer = self._runtime.invoke_endpoint(
                EndpointName=self._name, ContentType="application/json", Accept="application/json", Body=body
            )
            return bytes(answer["Body"].read())
        except (BotoCoreError, ClientError) as error:
            raise PredictorUnavailable(f"{self._name}: {error}") from error
