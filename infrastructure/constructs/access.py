"""Who may do what with which objects. CDK's own grants reach further: to tags, ACLs, versions."""

from collections.abc import Iterable

from aws_cdk import ArnFormat, Stack, aws_dynamodb, aws_iam, aws_lambda, aws_s3, aws_sqs, aws_stepfunctions

from infrastructure.constructs.findings import accept
from infrastructure.constructs.table import BY_UPDATE, UNSETTLED


def allow_reading(function: aws_lambda.Function, bucket: aws_s3.Bucket, *prefixes: str) -> None:
    """Let a function read objects under these prefixes, and tell a missing one from a forbidden one."""
    _allow_objects(function, bucket, prefixes, actions=["s3:GetObject", "s3:GetObjectVersion"])
    # Without ListBucket S3 answers 403, not 404, for an object that is not there.
    _allow(function, ["s3:ListBucket"], [bucket.bucket_arn])


def allow_reading_asset(function: aws_lambda.Function, *, bucket: str, key: str) -> None:
    """Let a function read this object of the deployment, and tell a missing one from a forbidden one."""
    arn = Stack.of(function).format_arn(service="s3", region="", account="", resource=bucket)
    _allow(function, ["s3:GetObject"], [f"{arn}/{key}"])
    _allow(function, ["s3:ListBucket"], [arn])


def allow_writing(function: aws_lambda.Function, bucket: aws_s3.Bucket, *prefixes: str) -> None:
    """Let a function write objects under these prefixes."""
    _allow_objects(function, bucket, prefixes, actions=["s3:PutObject"])


def allow_forgetting(function: aws_lambda.Function, bucket: aws_s3.Bucket, *prefixes: str) -> None:
    """Let a function remove objects under these prefixes, in a bucket that keeps no versions."""
    _allow_objects(function, bucket, prefixes, actions=["s3:DeleteObject"])


def allow_records(function: aws_lambda.Function, table: aws_dynamodb.Table) -> None:
    """Let a function write single records, conditionally and in transactions; it reads none."""
    _allow(function, ["dynamodb:PutItem", "dynamodb:UpdateItem"], [table.table_arn])


def allow_looks(function: aws_lambda.Function, table: aws_dynamodb.Table) -> None:
    """Let a function settle which look stands: one conditional write, one read."""
    _allow(function, ["dynamodb:GetItem", "dynamodb:PutItem"], [table.table_arn])


def allow_browsing(function: aws_lambda.Function, table: aws_dynamodb.Table) -> None:
    """Let a function read records, and list collections."""
    index = f"{table.table_arn}/index/{BY_UPDATE}"
    _allow(function, ["dynamodb:BatchGetItem", "dynamodb:Query"], [table.table_arn, index])


def allow_jobs(function: aws_lambda.Function, table: aws_dynamodb.Table) -> None:
    """Let a function work on jobs, budgets and the ledger, by their keys."""
    _allow(function, ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], [table.table_arn])


def allow_rejecting(function: aws_lambda.Function, table: aws_dynamodb.Table) -> None:
    """Let a function mark a plate that nobody shall be given again."""
    _allow(function, ["dynamodb:UpdateItem"], [table.table_arn])


def allow_finding_jobs(function: aws_lambda.Function, table: aws_dynamodb.Table) -> None:
    """Let a function list the jobs that are not settled."""
    _allow(function, ["dynamodb:Query"], [f"{table.table_arn}/index/{UNSETTLED}"])


def allow_histories(function: aws_lambda.Function, table: aws_dynamodb.Table) -> None:
    """Let a function look histories up, add to them, mark the forgotten and delete what they bought."""
    actions = ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:Query"]
    _allow(function, actions, [table.table_arn])


def allow_breaking(function: aws_lambda.Function, table: aws_dynamodb.Table) -> None:
    """Let a function keep its circuit breaker's state in the table, and no other item by these calls."""
    statement = aws_iam.PolicyStatement(
        actions=["dynamodb:GetItem", "dynamodb:UpdateItem"],
        conditions={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["BREAKER"]}},
        resources=[table.table_arn],
    )
    function.add_to_role_policy(statement)


def allow_predicting(function: aws_lambda.Function, *, endpoint: str) -> None:
    """Let a function ask this endpoint of SageMaker."""
    # By its name: the endpoint stands in a stack that comes later, and may be made anew.
    arn = Stack.of(function).format_arn(service="sagemaker", resource="endpoint", resource_name=endpoint)
    _allow(function, ["sagemaker:InvokeEndpoint"], [arn])


def allow_sending(function: aws_lambda.Function, queue: aws_sqs.Queue) -> None:
    """Let Lambda put what a function failed at into the queue, in the function's name."""
    _allow(function, ["sqs:SendMessage"], [queue.queue_arn])


def allow_answering(function: aws_lambda.Function, *, machine: str) -> None:
    """Let a function answer states of this machine that wait for it."""
    actions = ["states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat"]
    # By its name: the machine is made of its functions' addresses, so these cannot depend on it.
    arn = Stack.of(function).format_arn(
        service="states",
        resource="stateMachine",
        resource_name=machine,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    _allow(function, actions, [arn])


def allow_failing(machine: aws_stepfunctions.StateMachine, table: aws_dynamodb.Table) -> None:
    """Let a state machine write into a record that it failed."""
    statement = aws_iam.PolicyStatement(actions=["dynamodb:UpdateItem"], resources=[table.table_arn])
    machine.add_to_role_policy(statement)


def allow_locking(
    machine: aws_stepfunctions.StateMachine, table: aws_dynamodb.Table, *, lock: str = "TRENDS"
) -> None:
    """Let a state machine take and free its own lock in the table, and touch no other item."""
    statement = aws_iam.PolicyStatement(
        actions=["dynamodb:UpdateItem"],
        conditions={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [lock]}},
        resources=[table.table_arn],
    )
    machine.add_to_role_policy(statement)


def allow_looking_at_lock(
    machine: aws_stepfunctions.StateMachine, table: aws_dynamodb.Table, *, lock: str
) -> None:
    """Let a state machine see who holds its own lock in the table, and read no other item."""
    statement = aws_iam.PolicyStatement(
        actions=["dynamodb:GetItem"],
        conditions={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [lock]}},
        resources=[table.table_arn],
    )
    machine.add_to_role_policy(statement)


def allow_calling(machine: aws_stepfunctions.StateMachine, functions: Iterable[aws_lambda.Function]) -> None:
    """Let a state machine call functions, as they are: CDK's `grant_invoke` adds every version of them."""
    arns = [function.function_arn for function in functions]
    machine.add_to_role_policy(aws_iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=arns))


def _allow_objects(
    function: aws_lambda.Function, bucket: aws_s3.Bucket, prefixes: tuple[str, ...], *, actions: list[str]
) -> None:
    _allow(function, actions, [bucket.arn_for_objects(f"{prefix}*") for prefix in prefixes])
    owner = Stack.of(bucket)
    # cdk-nag names a bucket of another stack by its export.
    export = owner.resolve(owner.export_value(bucket.bucket_arn))["Fn::ImportValue"]
    accept(
        function.role or function,
        *(f"AwsSolutions-IAM5[Resource::{export}/{prefix}*]" for prefix in prefixes),
        reason="A function works on many objects, all of them under this prefix.",
    )


def _allow(function: aws_lambda.Function, actions: list[str], resources: list[str]) -> None:
    function.add_to_role_policy(aws_iam.PolicyStatement(actions=actions, resources=resources))
