"""Launch a training job by hand, with SageMaker's SDK: the dependency group `sagemaker`.

    .venv/bin/python -m layers.model_code
    .venv/bin/uv venv build/sagemaker && .venv/bin/uv pip install --python build/sagemaker --group sagemaker
    build/sagemaker/bin/python functions/preference_model/launch.py --role ARN --job my-trial
        --purchases s3://BUCKET/snapshots/VERSION/train/ --output s3://BUCKET/candidates
        [--parameter seeds=1] [--wait]

Purchases are a snapshot's Parquet files. Afterwards the state machine judges the model, given
`{"archive": "candidates/…/model.tar.gz"}`, and lets it serve if it is better; locally
`packshot preferences train --archive` asks for that.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

BUILT = Path(__file__).resolve().parents[2] / "build" / "model_code"
INSTANCE = "ml.m5.xlarge"
LONGEST_S = 3 * 3600
VERSION = "3.0-5"
CODE = "snapshots/by-hand"
"""Where the code goes: what the training role may read."""


def main() -> int:
    """Pack the code, start the job, and say where its model will lie."""
    chosen = _arguments()
    job = launch(chosen)
    sys.stdout.write(f"{chosen.output.rstrip('/')}/{job}/output/model.tar.gz\n")
    return 0


def launch(chosen: argparse.Namespace) -> str:
    """Start the job and return its name; SageMaker's own errors leave as they are."""
    # Our role has what a training needs, and not the networks that the SDK looks for in any role.
    os.environ.setdefault("SAGEMAKER_VALIDATE_ROLE", "false")
    # Here and nowhere else: 755 MB that no other part of Packshot needs.
    try:
        import boto3
        from sagemaker.core import image_uris
        from sagemaker.core.helper.session_helper import Session
        from sagemaker.core.training.configs import (
            Compute,
            InputData,
            OutputDataConfig,
            SourceCode,
            StoppingCondition,
        )
        from sagemaker.train import ModelTrainer
    except ModuleNotFoundError as error:
        raise SystemExit(f"{error.name} is not installed here; --help says how.") from error

    bucket = chosen.purchases.removeprefix("s3://").split("/", maxsplit=1)[0]
    image = image_uris.retrieve("xgboost", region=chosen.region, version=VERSION)
    region = boto3.Session(region_name=chosen.region)
    # The code goes beside the purchases: of all buckets the role reads but this.
    session = Session(boto_session=region, default_bucket=bucket, default_bucket_prefix=CODE)
    trainer: Any = ModelTrainer(
        base_job_name=chosen.job,
        compute=Compute(instance_count=1, instance_type=chosen.instance, volume_size_in_gb=30),
        hyperparameters=dict(chosen.parameter),
        output_data_config=OutputDataConfig(s3_output_path=chosen.output),
        role=chosen.role,
        sagemaker_session=session,
        source_code=SourceCode(source_dir=str(source(chosen.source)), entry_script="train.py"),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=LONGEST_S),
        training_image=image,
    )
    trainer.train(
        input_data_config=[InputData(channel_name="train", data_source=chosen.purchases)], wait=chosen.wait
    )
    return str(trainer._latest_training_job.training_job_name)  # noqa: SLF001 - the SDK has no public name


def source(named: Path | None) -> Path:
    """Return the packed training code; `SystemExit` says how to make it."""
    found = [named] if named else sorted(BUILT.glob("source-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise SystemExit("There is no training code yet: python -m layers.model_code")
    return found[-1]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="launch.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--role", required=True, help="the training role's ARN (stack preferences)")
    parser.add_argument(
        "--purchases", required=True, metavar="S3", type=_address, help="a snapshot's train/ prefix"
    )
    parser.add_argument("--output", required=True, metavar="S3", type=_address, help="where candidates go")
    parser.add_argument("--job", default="packshot-by-hand", help="what its name begins with")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--instance", default=INSTANCE)
    parser.add_argument("--source", type=Path, help="packed code (default: `python -m layers.model_code`)")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE", type=_parameter)
    parser.add_argument("--wait", action="store_true", help="follow the job to its end")
    return parser.parse_args()


def _address(said: str) -> str:
    if not said.startswith("s3://"):
        raise argparse.ArgumentTypeError(f"{said} does not begin with s3://")
    return said


def _parameter(said: str) -> tuple[str, str]:
    name, equals, value = said.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{said} is not NAME=VALUE")
    return name, value


if __name__ == "__main__":
    sys.exit(main())
