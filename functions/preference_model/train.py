"""Train the predictor, in SageMaker's script mode or by hand.

SM_CHANNEL_TRAIN=purchases/ SM_MODEL_DIR=model/ python train.py [--threads 2] [--version 2026-11-20]

With fewer `--seeds` and a smaller `--most-rounds` it is quicker and a little worse: for demonstrations.
"""

import argparse
import json
import os
import resource
import shutil
import sys
import time
from pathlib import Path

# Before NumPy is loaded: on a busy machine its threads wait for each other, over matrices as small as these.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import packshot
from packshot.errors import PackshotError
from packshot.preferences.artifact import save
from packshot.preferences.boosting import MOST_ROUNDS, Fitting
from packshot.preferences.card import model_card
from packshot.preferences.choosing import SEEDS
from packshot.preferences.files import read_purchases
from packshot.preferences.training import ROUNDS, train

NEEDED = ("__init__.py", "errors.py", "preferences")
"""The parts of the package that serving imports."""


def main() -> int:
    """Read the channel `train`, write the model directory, `code/` included."""
    chosen = _arguments()
    try:
        _train(chosen, _place("SM_CHANNEL_TRAIN"), _place("SM_MODEL_DIR"))
    except PackshotError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from error
    return 0


def _train(chosen: argparse.Namespace, purchases: Path, model: Path) -> None:
    started = time.perf_counter()
    training = train(
        read_purchases(purchases),
        version=chosen.version,
        fitting=Fitting(threads=chosen.threads, most=chosen.most_rounds),
        seeds=SEEDS[: chosen.seeds],
        rounds=min(ROUNDS, chosen.most_rounds),
        apart_days=chosen.apart_days,
    )
    save(training.predictor, model, golden=training.golden)
    card = model_card(training.predictor, moments=training.moments)
    (model / "MODEL_CARD.md").write_text(card, encoding="utf-8")
    put_code(model / "code")
    figures = {
        "moments": training.moments,
        "train_s": round(time.perf_counter() - started, 1),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    (model / "training.json").write_text(json.dumps(figures) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(figures) + "\n")


def _place(name: str) -> Path:
    if name not in os.environ:
        raise SystemExit(f"{name} is not set; --help has an example")
    return Path(os.environ[name])


def put_code(folder: Path) -> None:
    """Copy what serves the model beside it: the very modules that it was trained with."""
    source = Path(packshot.__file__).parent
    (folder / "packshot").mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).with_name("inference.py"), folder)
    for name in NEEDED:
        if (source / name).is_dir():
            skip = shutil.ignore_patterns("__pycache__", "simulator.py")
            shutil.copytree(source / name, folder / "packshot" / name, dirs_exist_ok=True, ignore=skip)
        else:
            shutil.copy(source / name, folder / "packshot" / name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=int(os.environ.get("SM_NUM_CPUS", "2")))
    parser.add_argument("--version", default=os.environ.get("TRAINING_JOB_NAME", "by-hand"))
    parser.add_argument("--seeds", type=int, choices=range(1, len(SEEDS) + 1), default=len(SEEDS))
    parser.add_argument(
        "--most-rounds", type=int, default=MOST_ROUNDS, help="trees at most, in each ensemble"
    )
    parser.add_argument("--apart-days", type=float, help="the last days, which judge and are not fitted on")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
