"""Launch a training job by hand, with SageMaker's SDK, which has a dependency group of its own, `sagemaker`.

    python -m layers.model_code
    python functions/preference_model/launch.py --role ARN --job my-trial [--parameter seeds=1] [--wait]
        --purchases s3://BUCKET/snapshots/VERSION/train/ --output s3://BUCKET/candidates

Purchases are a snapshot's Parquet files. Afterwards the state machine judges the model, given
`{"archive": "candidates/…/model.tar.gz"}`, and lets it serve if it is better; locally
`packshot preferences train --archive` asks for that.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

BUILT = Path(__file__).resolve().parents[2] / "build" / "model_code"
INSTANCE = "ml.m5.xlarge"
LONGEST_S = 3 * 3600
VERSION = "3.0-5"


def main() -> int:
    """Pack the code, start the job, and say where its model will lie."""
    chosen = _arguments()
    job = launch(chosen)
    sys.stdout.write(f"{chosen.output.rstrip('/')}/{job}/output/model.tar.gz\n")
    return 0


def launch(chosen: argparse.Namespace) -> str:
    """Start the job and return its name; SageMaker's own errors leave as they are."""
    # Here and nowhere else: 755 MB that no other part of Packshot needs.
    from sagemaker.core import image_uris
    from sagemaker.core.training.configs import (
        Compute,
        InputData,
        OutputDataConfig,
        SourceCode,
        StoppingCondition,
    )
    from sagemaker.train import ModelTrainer

    image = image_uris.retrieve("xgboost", region=chosen.region, version=VERSION)
    trainer: Any = ModelTrainer(
        base_job_name=chosen.job,
        compute=Compute(instance_count=1, instance_type=chosen.instance, volume_size_in_gb=30),
        hyperparameters=dict(each.split("=", maxsplit=1) for each in chosen.parameter),
        output_data_config=OutputDataConfig(s3_output_path=chosen.output),
        role=chosen.role,
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
    parser.add_argument("--purchases", required=True, metavar="S3", help="a snapshot's train/ prefix")
    parser.add_argument("--output", required=True, metavar="S3", help="where candidates go")
    parser.add_argument("--job", default="packshot-by-hand", help="what its name begins with")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--instance", default=INSTANCE)
    parser.add_argument("--source", type=Path, help="packed code (default: `python -m layers.model_code`)")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--wait", action="store_true", help="follow the job to its end")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
