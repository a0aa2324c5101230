"""The HTTP API, open to those who show a key."""

import json
from typing import cast

from aws_cdk import (
    Duration,
    aws_apigatewayv2,
    aws_apigatewayv2_authorizers,
    aws_apigatewayv2_integrations,
    aws_lambda,
)
from constructs import Construct

from infrastructure.constructs.findings import accept
from infrastructure.constructs.log_group import LogGroup
from infrastructure.environments import Environment

# OPTIONS is left to the gateway itself: with ANY the authorizer would refuse each browser's preflight.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
KEY_HEADER = "x-api-key"
_ACCESS_LOG = {
    "at": "$context.requestTime",
    "client": "$context.authorizer.client",
    "error": "$context.error.message",
    "ip": "$context.identity.sourceIp",
    "latency_ms": "$context.responseLatency",
    "method": "$context.httpMethod",
    "request": "$context.requestId",
    # Not the path: it may name a customer, who may have to be forgotten. The function logs it without.
    "route": "$context.routeKey",
    "status": "$context.status",
}


class HttpApi(Construct):
    """One function behind all routes; `api` is held by others."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        function: aws_lambda.IFunction,
        authorizer: aws_lambda.IFunction,
    ) -> None:
        """Ask `authorizer` first on every route but the API's own description."""
        super().__init__(scope, construct_id)
        self.api = aws_apigatewayv2.HttpApi(
            self,
            "Api",
            api_name=f"packshot-{environment.name}",
            cors_preflight=_cors(),
            create_default_stage=False,
        )
        self._add_routes(function, authorizer=authorizer)
        self._add_stage(environment)

    def _add_routes(self, function: aws_lambda.IFunction, *, authorizer: aws_lambda.IFunction) -> None:
        answer = aws_apigatewayv2_integrations.HttpLambdaIntegration("Answer", function)
        description = self.api.add_routes(
            path="/openapi.json", methods=[aws_apigatewayv2.HttpMethod.GET], integration=answer
        )
        self.api.add_routes(
            path="/v1/{proxy+}",
            methods=[aws_apigatewayv2.HttpMethod[each] for each in METHODS],
            integration=answer,
            authorizer=_key_check(authorizer),
        )
        accept(
            description[0],
            "AwsSolutions-APIG4",
            reason="The description of the API is public, like the page that shows it.",
        )

    def _add_stage(self, environment: Environment) -> None:
        logs = LogGroup(
            self, "Logs", environment=environment, name=f"/aws/vendedlogs/api/packshot-{environment.name}"
        )
        stage = aws_apigatewayv2.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=aws_apigatewayv2.ThrottleSettings(
                rate_limit=environment.throttle.rate, burst_limit=environment.throttle.burst
            ),
        )
        settings = aws_apigatewayv2.CfnStage.AccessLogSettingsProperty(
            destination_arn=logs.log_group.log_group_arn, format=json.dumps(_ACCESS_LOG)
        )
        # jsii's Python side of CDK's own log settings has an argument misnamed, so the resource is told.
        cast("aws_apigatewayv2.CfnStage", stage.node.default_child).access_log_settings = settings


def _cors() -> aws_apigatewayv2.CorsPreflightOptions:
    # Any page may ask: the key is the permission, and browsers send no cookies here.
    return aws_apigatewayv2.CorsPreflightOptions(
        allow_headers=["content-type", "if-none-match", KEY_HEADER],
        allow_methods=[aws_apigatewayv2.CorsHttpMethod[each] for each in METHODS],
        allow_origins=["*"],
        expose_headers=["etag", "location", "x-packshot-reason"],
        max_age=Duration.hours(1),
    )


def _key_check(function: aws_lambda.IFunction) -> aws_apigatewayv2_authorizers.HttpLambdaAuthorizer:
    return aws_apigatewayv2_authorizers.HttpLambdaAuthorizer(
        "KeyCheck",
        function,
        identity_source=[f"$request.header.{KEY_HEADER}"],
        response_types=[aws_apigatewayv2_authorizers.HttpLambdaResponseType.SIMPLE],
        # Short: a key that was withdrawn works on for as long.
        results_cache_ttl=Duration.minutes(1),
    )
