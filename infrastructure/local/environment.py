"""The local cloud's own Python environment: MiniStack pins a botocore that is not ours."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from infrastructure.local.errors import CloudError

LOCK = Path(__file__).parent / "requirements.lock"
HOME = Path(__file__).resolve().parents[2] / ".packshot"
"""Where environments are kept: beside the repository's own, shared by all local clouds."""

_RUNTIME_PACKAGES = ("awslambdaric", "runtime_client*.so", "simplejson", "snapshot_restore_py*")


def ensure(home: Path = HOME, *, progress: Callable[[str], None] = lambda _message: None) -> Path:
    """Return the environment of the lock, made if it is not there; `CloudError` if it cannot be made."""
    folder = home / "cloud-venv" / _fingerprint()
    if not (folder / ".ready").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Two clouds may start at once: the second waits and finds it made.
        with (folder.parent / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / ".ready").exists():
                progress("Making the local cloud's own environment (once, a few seconds)")
                _make(folder)
    return folder


def python_of(environment: Path) -> Path:
    """Return the environment's interpreter."""
    return environment / "bin" / "python"


def runtime_of(environment: Path) -> Path:
    """Return the folder that holds AWS's runtime client for functions, and nothing else."""
    return environment / "lambda-runtime"


def _fingerprint() -> str:
    """Name an environment by what is in it and by the interpreter that it is for."""
    return hashlib.sha256(LOCK.read_bytes() + sys.version.encode() + sys.base_prefix.encode()).hexdigest()[
        :16
    ]


def _make(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _uv("venv", "--python", sys.executable, str(folder))
    _uv(
        "pip", "install", "--python", str(python_of(folder)), "--require-hashes", "--no-deps",
        "--only-binary", ":all:", "--requirement", str(LOCK),
    )  # fmt: skip
    _link_runtime(folder)
    (folder / ".ready").touch()


def _link_runtime(folder: Path) -> None:
    """Show functions the runtime client alone, so that they cannot lean on the cloud's packages."""
    packages = next((folder / "lib").glob("python*/site-packages"))
    runtime_of(folder).mkdir()
    for pattern in _RUNTIME_PACKAGES:
        for package in packages.glob(pattern):
            if not package.name.endswith(".dist-info"):
                (runtime_of(folder) / package.name).symlink_to(package)


def _uv(*arguments: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv) if uv.exists() else "uv", "--quiet", *arguments]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)  # noqa: S603 (our own uv)
    except FileNotFoundError as error:
        raise CloudError("uv is missing: run `make setup` first") from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise CloudError(f"The local cloud's environment could not be made: {error.stderr!s}") from error
