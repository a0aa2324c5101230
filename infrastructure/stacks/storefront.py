"""What answers the shop: the HTTP API, who may ask it, and the functions behind both."""

from aws_cdk import Duration, aws_apigatewayv2, aws_lambda
from constructs import Construct

from infrastructure import functions
from infrastructure.constructs.access import (
    allow_breaking,
    allow_browsing,
    allow_histories,
    allow_predicting,
    allow_reading,
    allow_writing,
)
from infrastructure.constructs.alarm import Alarm
from infrastructure.constructs.http_api import HttpApi
from infrastructure.constructs.outputs import show
from infrastructure.constructs.predictor import endpoint_name
from infrastructure.environments import Environment
from infrastructure.stacks.storage import StorageStack
from infrastructure.stacks.working import WorkingStack
from layers.build import Target


class StorefrontStack(WorkingStack):
    """It reads what the studio wrote, and signs addresses for uploads and downloads; it works on no photo."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        target: Target,
        storage: StorageStack,
    ) -> None:
        """Make the two functions, the API and the alarms."""
        super().__init__(
            scope,
            construct_id,
            environment=environment,
            target=target,
            storage=storage,
            says="what answers the shop",
            layers=("packshot",),
        )
        self._answer = self._make_answer()
        self._authorizer = self._make_authorizer()
        api = HttpApi(
            self, "Api", environment=environment, function=self._answer, authorizer=self._authorizer
        ).api
        self._watch(api)
        show(self, "ApiUrl", api.api_endpoint)
        show(self, "ApiId", api.api_id)

    def _make_answer(self) -> aws_lambda.Function:
        kept = self._storage
        endpoint = endpoint_name(self._environment)
        function = self._make_function(
            functions.blueprint("storefront_api"),
            {
                "API_KEYS_SECRET": kept.api_keys.secret_arn,
                "CATALOGUE_TABLE": kept.table.table_name,
                "TRENDS_BUCKET": kept.trends.bucket_name,
                "PUBLISHED_BUCKET": kept.published.bucket_name,
                "UPLOADS_BUCKET": kept.uploads.bucket_name,
                "PURCHASES_BUCKET": kept.purchases.bucket_name,
                "HISTORIES_TABLE": kept.histories.table_name,
                "PREFERENCES_ENDPOINT": endpoint,
            },
        )
        kept.api_keys.grant_read(function)
        allow_browsing(function, kept.table)
        # A signed address can do what its signer may: post an upload, fetch a published image.
        allow_writing(function, kept.uploads, "uploads/")
        allow_reading(function, kept.published, "")
        allow_reading(function, kept.trends, "reports/")
        allow_reading(function, kept.purchases, "demand/")
        allow_writing(function, kept.purchases, "batches/", "forgotten/")
        allow_histories(function, kept.histories)
        allow_breaking(function, kept.histories)
        allow_predicting(function, endpoint=endpoint)
        return function

    def _make_authorizer(self) -> aws_lambda.Function:
        secret = self._storage.api_keys
        function = self._make_function(
            functions.blueprint("authorize_request"), {"API_KEYS_SECRET": secret.secret_arn}
        )
        secret.grant_read(function)
        return function

    def _watch(self, api: aws_apigatewayv2.HttpApi) -> None:
        topic = self._storage.alarms
        five = Duration.minutes(5)
        Alarm(
            self,
            "ApiFailed",
            metric=api.metric_server_error(period=five, statistic="Sum"),
            topic=topic,
            says="The storefront API answered with a 5xx; the function's log group has the stack trace.",
        )
        for function in (self._answer, self._authorizer):
            Alarm(
                function,
                "Errors",
                metric=function.metric_errors(period=five, statistic="Sum"),
                topic=topic,
                says="A function of the storefront raised an error that it should have answered.",
            )
