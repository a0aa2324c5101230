"""The door through which a generator calls back: one route, whose key is the signature of the call."""

import json
from typing import cast

from aws_cdk import aws_apigatewayv2, aws_apigatewayv2_integrations, aws_lambda
from constructs import Construct

from infrastructure.constructs.findings import accept
from infrastructure.constructs.log_group import LogGroup
from infrastructure.environments import Environment
from infrastructure.functions import CALLBACKS_PATH

_RATE, _BURST = 100, 200
_ACCESS_LOG = {
    "at": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "latency_ms": "$context.responseLatency",
    "request": "$context.requestId",
    "status": "$context.status",
}


class CallbackApi(Construct):
    """An API of its own: the shop's would tie its stack to the one that works on photos, and back."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        function: aws_lambda.IFunction,
    ) -> None:
        """`url` is the address below which the jobs' recipes stand."""
        super().__init__(scope, construct_id)
        self.api = aws_apigatewayv2.HttpApi(
            self, "Api", api_name=f"packshot-{environment.name}-callbacks", create_default_stage=False
        )
        (route,) = self.api.add_routes(
            path=f"{CALLBACKS_PATH}/{{recipe}}",
            methods=[aws_apigatewayv2.HttpMethod.POST],
            integration=aws_apigatewayv2_integrations.HttpLambdaIntegration("Receive", function),
        )
        accept(
            route, "AwsSolutions-APIG4", reason="The generator has no key of ours: it signs what it sends."
        )
        self._add_stage(environment)
        self.url = f"{self.api.api_endpoint}{CALLBACKS_PATH}"

    def _add_stage(self, environment: Environment) -> None:
        name = f"/aws/vendedlogs/api/packshot-{environment.name}-callbacks"
        logs = LogGroup(self, "Logs", environment=environment, name=name)
        stage = aws_apigatewayv2.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=aws_apigatewayv2.ThrottleSettings(rate_limit=_RATE, burst_limit=_BURST),
        )
        settings = aws_apigatewayv2.CfnStage.AccessLogSettingsProperty(
            destination_arn=logs.log_group.log_group_arn, format=json.dumps(_ACCESS_LOG)
        )
        # jsii's Python side of CDK's own log settings has an argument misnamed, so the resource is told.
        cast("aws_apigatewayv2.CfnStage", stage.node.default_child).access_log_settings = settings
