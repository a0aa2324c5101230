"""What the synthesized template of the API promises."""

import json

import pytest

from infrastructure.environments import PRODUCTION, SANDBOX
from tests.infrastructure.assemblies import Templates


def test_every_route_asks_for_a_key(templates: Templates) -> None:
    """Open are the API's own description, and callbacks, which are signed; the gateway answers preflights."""
    routes = templates.properties("AWS::ApiGatewayV2::Route").values()
    open_routes = {each["RouteKey"] for each in routes if each.get("AuthorizationType", "NONE") == "NONE"}
    assert open_routes == {"GET /openapi.json", "POST /v1/callbacks/{recipe}"}
    addresses = {each["RouteKey"].split()[1] for each in routes}
    assert addresses == {"/openapi.json", "/v1/{proxy+}", "/v1/callbacks/{recipe}"}
    assert not [each for each in routes if each["RouteKey"].split()[0] in {"ANY", "OPTIONS"}]


def test_the_authorizer_answers_simply_and_is_cached_briefly(templates: Templates) -> None:
    """Without the header nobody is asked at all; a key that was withdrawn works for a minute at most."""
    (authorizer,) = templates.properties("AWS::ApiGatewayV2::Authorizer").values()
    assert authorizer["IdentitySource"] == ["$request.header.x-api-key"]
    assert authorizer["EnableSimpleResponses"] is True
    assert authorizer["AuthorizerPayloadFormatVersion"] == "2.0"
    assert authorizer["AuthorizerResultTtlInSeconds"] <= 60


@pytest.mark.parametrize("environment", [SANDBOX, PRODUCTION], ids=lambda each: each.name)
def test_the_api_is_throttled_and_logged(environment: object, request: pytest.FixtureRequest) -> None:
    """One client cannot use up the account, and each access leaves a line that parses."""
    expected = SANDBOX if environment is SANDBOX else PRODUCTION
    templates: Templates = request.getfixturevalue(expected.name)
    stages = templates.properties("AWS::ApiGatewayV2::Stage").values()
    limits = [stage["DefaultRouteSettings"]["ThrottlingRateLimit"] for stage in stages]
    assert sorted(limits) == sorted([expected.throttle.rate, 100])
    for stage in stages:
        assert stage["StageName"] == "$default"
        assert json.loads(stage["AccessLogSettings"]["Format"])["status"] == "$context.status"


def test_the_api_answers_pages_of_any_origin(templates: Templates) -> None:
    """A storefront's page may send its key, and read what it needs of the answer."""
    apis = templates.properties("AWS::ApiGatewayV2::Api").values()
    (cors,) = (api["CorsConfiguration"] for api in apis if "CorsConfiguration" in api)
    assert {"x-api-key", "content-type"} <= set(cors["AllowHeaders"])
    assert cors["AllowOrigins"] == ["*"]
    assert "AllowCredentials" not in cors
