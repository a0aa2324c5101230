"""Correction: the CORS settings of a template reach the HTTP API.

MiniStack stores CloudFormation's `AllowOrigins`, its data plane reads the API's own `allowOrigins`.
"""

from types import ModuleType
from typing import Any

from infrastructure.local.emulator.guard import UntestedVersion, original


def correct(provisioners: ModuleType) -> None:
    """Let the provisioner of HTTP APIs see CORS settings as the API's own calls write them."""
    handlers = original(provisioners, "_RESOURCE_HANDLERS").get("AWS::ApiGatewayV2::Api")
    if not handlers:
        raise UntestedVersion("MiniStack provisions no AWS::ApiGatewayV2::Api any more")
    create, update = handlers["create"], handlers["update"]

    def create_api(logical_id: str, properties: dict[str, Any], stack: str) -> object:
        return create(logical_id, _as_api_call(properties), stack)

    def update_api(physical_id: str, before: dict[str, Any], after: dict[str, Any], *rest: object) -> object:
        return update(physical_id, _as_api_call(before), _as_api_call(after), *rest)

    handlers.update(create=create_api, update=update_api)


def _as_api_call(properties: dict[str, Any]) -> dict[str, Any]:
    cors = properties.get("CorsConfiguration")
    if not cors:
        return properties
    lowered = {name[0].lower() + name[1:]: value for name, value in cors.items()}
    # CloudFormation hands numbers and booleans on as strings.
    if "allowCredentials" in lowered:
        lowered["allowCredentials"] = str(lowered["allowCredentials"]).lower() == "true"
    return {**properties, "CorsConfiguration": lowered}
