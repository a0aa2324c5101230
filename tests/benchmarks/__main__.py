"""Run every benchmark, each in a process of its own, and keep its figures under build/benchmarks/."""

import subprocess
import sys
from pathlib import Path

from tests.benchmarks.report import FIGURES

HERE = Path(__file__).parent


def names() -> tuple[str, ...]:
    """Return the benchmarks: the modules here that can be run."""
    modules = sorted(path for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    return tuple(path.stem for path in modules if '__name__ == "__main__"' in path.read_text("utf-8"))


def main() -> int:
    """Run all; 1 if a gate failed or a benchmark could not run."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in names():
        sys.stdout.write(f"\n== {name} ==\n")
        sys.stdout.flush()
        command = [sys.executable, "-m", f"tests.benchmarks.{name}", "--json", str(FIGURES / f"{name}.json")]
        if subprocess.run(command, check=False).returncode != 0:  # noqa: S603 - our own modules
            failed.append(name)
    if failed:
        sys.stderr.write(f"failed: {', '.join(failed)}\n")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
