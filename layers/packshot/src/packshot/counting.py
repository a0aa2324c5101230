"""Numbers for CloudWatch, written into the log as EMF: no call, no wait."""

from aws_lambda_powertools.metrics import MetricUnit, single_metric

NAMESPACE = "Packshot"


def count(name: str, value: float = 1, *, environment: str) -> None:
    """Add to a metric of this environment."""
    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace=NAMESPACE) as metric:
        metric.add_dimension(name="environment", value=environment)
