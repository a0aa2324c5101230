"""The predictor's endpoint on SageMaker: what serves, and the roles of serving and training.

A new deployment serves a seed that counts; models come from the state machine, which moves the endpoint to
configurations of its own (decision 0008).
"""

from aws_cdk import ArnFormat, Aws, CfnMapping, Stack, aws_iam, aws_s3_assets, aws_sagemaker
from constructs import Construct

from infrastructure.constructs.findings import accept
from infrastructure.environments import Environment
from infrastructure.stacks.storage import StorageStack
from layers import model_code

VARIANT = "champion"
VERSION = "3.0-5"
"""SageMaker's container of XGBoost 3.0.5, Python 3.10."""
# Whose registry holds AWS's own containers, by region (SageMaker Python SDK, image_uri_config/xgboost.json).
_REGISTRIES = {
    "ap-northeast-1": "354813040037",
    "ap-northeast-2": "366743142698",
    "ap-south-1": "720646828776",
    "ap-southeast-1": "121021644041",
    "ap-southeast-2": "783357654285",
    "ca-central-1": "341280168497",
    "eu-central-1": "492215442770",
    "eu-north-1": "662702820516",
    "eu-south-1": "978288397137",
    "eu-west-1": "141502667606",
    "eu-west-2": "764974769150",
    "eu-west-3": "659782779980",
    "sa-east-1": "737474898029",
    "us-east-1": "683313688378",
    "us-east-2": "257758044811",
    "us-west-1": "746614075791",
    "us-west-2": "246618743249",
}
_REPOSITORY = "sagemaker-xgboost"
_SERVING = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}


class Predictor(Construct):
    """A serverless endpoint: nothing is paid while nobody asks.

    `endpoint` is its name, `seed` the configuration it begins with, `image` the container of training and
    serving, `source` the address of the training code.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, storage: StorageStack
    ) -> None:
        """Make the roles, and an endpoint that serves the seed."""
        super().__init__(scope, construct_id)
        self._environment = environment
        self._storage = storage
        self.endpoint = endpoint_name(environment)
        self.serving_environment = _SERVING
        self.serverless = {
            "MemorySizeInMB": environment.predictor.memory,
            "MaxConcurrency": environment.predictor.concurrency,
        }
        registries = CfnMapping(
            self, "Registries", mapping={region: {"account": each} for region, each in _REGISTRIES.items()}
        )
        self._registry = registries.find_in_map(Aws.REGION, "account")
        self.image = f"{self._registry}.dkr.ecr.{Aws.REGION}.{Aws.URL_SUFFIX}/{_REPOSITORY}:{VERSION}"
        source, seed = model_code.source(), model_code.seed()
        self._source = aws_s3_assets.Asset(self, "Source", path=str(source.path))
        self._seed = aws_s3_assets.Asset(self, "Seed", path=str(seed.path))
        self.source = self._source.s3_object_url
        self.training_role = self._make_role("TrainingRole", logs="TrainingJobs")
        self.serving_role = self._make_role("ServingRole", logs="Endpoints")
        self._grant()
        self.seed = self._serve(digest=seed.digest)

    def _make_role(self, construct_id: str, *, logs: str) -> aws_iam.Role:
        """Return a role that may fetch the container, and write logs and metrics of its kind."""
        role = aws_iam.Role(
            self,
            construct_id,
            assumed_by=aws_iam.ServicePrincipal("sagemaker.amazonaws.com"),
            description=f"{self.endpoint}: {logs}",
        )
        stack = Stack.of(self)
        image = f"arn:{Aws.PARTITION}:ecr:{Aws.REGION}:{self._registry}:repository/{_REPOSITORY}"
        group = stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name=f"/aws/sagemaker/{logs}*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        for actions, resources in (
            (["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], [image]),
            (["ecr:GetAuthorizationToken"], ["*"]),
            (
                [
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
                [group],
            ),
        ):
            role.add_to_policy(aws_iam.PolicyStatement(actions=actions, resources=resources))
        role.add_to_policy(
            aws_iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                conditions={"StringEquals": {"cloudwatch:namespace": f"/aws/sagemaker/{logs}"}},
                resources=["*"],
            )
        )
        accept(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            reason="A token for the registry and metrics know no resources; metrics are held to a namespace.",
        )
        accept(
            role,
            f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:"
            f"/aws/sagemaker/{logs}*]",
            reason="SageMaker names a group's streams itself; a serverless endpoint's group too.",
        )
        return role

    def _grant(self) -> None:
        bucket = self._storage.purchases
        self._allow(self.training_role, ["s3:GetObject"], "snapshots/")
        self._allow(self.training_role, ["s3:PutObject"], "candidates/")
        self._allow(self.serving_role, ["s3:GetObject"], "models/")
        for role, prefix in ((self.training_role, "snapshots/"), (self.serving_role, "models/")):
            role.add_to_policy(
                aws_iam.PolicyStatement(
                    actions=["s3:ListBucket"],
                    conditions={"StringLike": {"s3:prefix": [f"{prefix}*"]}},
                    resources=[bucket.bucket_arn],
                )
            )
        for role, asset in ((self.training_role, self._source), (self.serving_role, self._seed)):
            arn = f"{asset.bucket.bucket_arn}/{asset.s3_object_key}"
            role.add_to_policy(aws_iam.PolicyStatement(actions=["s3:GetObject"], resources=[arn]))

    def _allow(self, role: aws_iam.Role, actions: list[str], prefix: str) -> None:
        bucket, owner = self._storage.purchases, Stack.of(self._storage.purchases)
        role.add_to_policy(
            aws_iam.PolicyStatement(actions=actions, resources=[bucket.arn_for_objects(f"{prefix}*")])
        )
        export = owner.resolve(owner.export_value(bucket.bucket_arn))["Fn::ImportValue"]
        accept(
            role,
            f"AwsSolutions-IAM5[Resource::{export}/{prefix}*]",
            reason="A job works on many objects, all of them under this prefix.",
        )

    def _serve(self, *, digest: str) -> str:
        """Make model, configuration and endpoint, and return the configuration's name.

        The names hold what they are made of: SageMaker changes none of them in place.
        """
        name = f"{self.endpoint}-seed-{self._environment.predictor.memory}-{digest[:8]}"
        model = aws_sagemaker.CfnModel(
            self,
            "SeedModel",
            execution_role_arn=self.serving_role.role_arn,
            model_name=name,
            primary_container=aws_sagemaker.CfnModel.ContainerDefinitionProperty(
                image=self.image, model_data_url=self._seed.s3_object_url, environment=_SERVING
            ),
        )
        # The model is checked with the role's own permissions.
        model.node.add_dependency(self.serving_role)
        configuration = aws_sagemaker.CfnEndpointConfig(
            self,
            "SeedConfiguration",
            endpoint_config_name=name,
            production_variants=[
                aws_sagemaker.CfnEndpointConfig.ProductionVariantProperty(
                    variant_name=VARIANT,
                    model_name=name,
                    initial_variant_weight=1,
                    serverless_config=aws_sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
                        memory_size_in_mb=self._environment.predictor.memory,
                        max_concurrency=self._environment.predictor.concurrency,
                    ),
                )
            ],
        )
        configuration.add_dependency(model)
        endpoint = aws_sagemaker.CfnEndpoint(
            self, "Endpoint", endpoint_config_name=name, endpoint_name=self.endpoint
        )
        endpoint.add_dependency(configuration)
        return name


def endpoint_name(environment: Environment) -> str:
    """Return what the predictor's endpoint is called: packshot-sandbox-preferences."""
    return f"packshot-{environment.name}-preferences"
