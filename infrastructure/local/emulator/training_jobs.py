"""SageMaker's training jobs: the same script, in folders laid out as in its container.

What stands under /opt/ml there stands under `training/<job>/` of the cloud's scratch folder here.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infrastructure.local.emulator.buckets import Buckets, pack, unpack
from infrastructure.local.emulator.children import Children

Request = Mapping[str, Any]
_LONGEST_S = 86_400
_HOST = "algo-1"
_OWN = ("sagemaker_program", "sagemaker_submit_directory")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended: `reason` if badly, else where its model lies."""

    status: str
    reason: str = ""
    model: str = ""


@dataclass(slots=True)
class TrainingJob:
    """A job and how far it is."""

    request: Request
    arn: str
    status: str = "InProgress"
    reason: str = ""
    model: str = ""
    began: float = field(default_factory=time.time)
    ended: float = 0.0

    def end(self, ending: Ending) -> None:
        """Note how it ended; the status last, since others wait for it and then read the rest."""
        self.reason, self.model, self.ended = ending.reason, ending.model, time.time()
        self.status = ending.status

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.request["TrainingJobName"])

    def described(self) -> dict[str, Any]:
        """Return what DescribeTrainingJob says."""
        found: dict[str, Any] = {
            **self.request,
            "TrainingJobArn": self.arn,
            "TrainingJobStatus": self.status,
            "SecondaryStatus": "Training" if self.status == "InProgress" else self.status,
            "CreationTime": self.began,
            "LastModifiedTime": self.ended or self.began,
        }
        if self.ended:
            found |= {
                "TrainingEndTime": self.ended,
                "TrainingTimeInSeconds": round(self.ended - self.began),
                "BillableTimeInSeconds": round(self.ended - self.began),
            }
        if self.model:
            found["ModelArtifacts"] = {"S3ModelArtifacts": self.model}
        return found | ({"FailureReason": self.reason} if self.reason else {})


@dataclass(frozen=True, slots=True)
class TrainingRoom:
    """Where jobs are worked on."""

    children: Children
    buckets: Buckets
    region: str

    def work(self, job: TrainingJob) -> None:
        """Do a job and note how it ended; nothing is raised, and no customer's purchase stays behind."""
        folder = self.children.scratch / "training" / job.name
        try:
            ending = self._work(job, folder)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the job that failed
            ending = Ending("Failed", reason=f"InternalServerError: {error}")
        shutil.rmtree(folder, ignore_errors=True)
        job.end(ending)

    def _work(self, job: TrainingJob, folder: Path) -> Ending:
        settings = parameters(job.request)
        self._lay_out(job, folder, settings)
        log = self.children.logs / f"training-{job.name}.log"
        code = self._run(job, folder, settings, log)
        if code is None:
            return Ending("Stopped", reason="MaxRuntimeExceeded")
        if code:
            failure = folder / "output" / "failure"
            told = failure.read_text("utf-8", "replace") if failure.is_file() else last_line(log)
            return Ending("Failed", reason=f"AlgorithmError: {told}, exit code: {code}")
        archive = folder / "model.tar.gz"
        pack(folder / "model", to=archive)
        place = str(job.request["OutputDataConfig"]["S3OutputPath"]).rstrip("/")
        model = f"{place}/{job.name}/output/model.tar.gz"
        self.buckets.put(archive, address=model)
        return Ending("Completed", model=model)

    def _lay_out(self, job: TrainingJob, folder: Path, settings: Mapping[str, str]) -> None:
        for name in ("input/config", "input/data", "model", "output/data", "code"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.buckets.fetch(settings["sagemaker_submit_directory"], to=folder / "sourcedir.tar.gz")
        unpack(folder / "sourcedir.tar.gz", to=folder / "code")
        for channel in job.request.get("InputDataConfig", ()):
            source, place = (
                channel["DataSource"]["S3DataSource"],
                folder / "input/data" / channel["ChannelName"],
            )
            if not self.buckets.fetch_all(source["S3Uri"], to=place):
                raise FileNotFoundError(f"No S3 objects found under S3 URL {source['S3Uri']!r}")
        configured = {
            "hyperparameters": job.request.get("HyperParameters", {}),
            "inputdataconfig": {each["ChannelName"]: {} for each in job.request.get("InputDataConfig", ())},
            "resourceconfig": {"current_host": _HOST, "hosts": [_HOST], "network_interface_name": "lo"},
        }
        for name, content in configured.items():
            (folder / "input/config" / f"{name}.json").write_text(json.dumps(content), "utf-8")

    def _run(self, job: TrainingJob, folder: Path, settings: Mapping[str, str], log: Path) -> int | None:
        """Run the script and return its exit status, None if its time was over."""
        own = {name: value for name, value in settings.items() if name not in _OWN}
        words = [word for name, value in own.items() for word in (f"--{name}", value)]
        limit = job.request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", _LONGEST_S)
        with log.open("wb") as output:
            process = self.children.start(
                settings["sagemaker_program"],
                *words,
                folder=folder / "code",
                environment=self._environment(job, folder, own),
                output=output,
                log=output,
            )
            try:
                return process.wait(float(limit))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                return None

    def _environment(self, job: TrainingJob, folder: Path, own: Mapping[str, str]) -> dict[str, str]:
        channels = [each["ChannelName"] for each in job.request.get("InputDataConfig", ())]
        places = {f"SM_CHANNEL_{each.upper()}": str(folder / "input/data" / each) for each in channels}
        return places | {
            "AWS_REGION": self.region,
            "SM_CHANNELS": json.dumps(channels),
            "SM_CURRENT_HOST": _HOST,
            "SM_HOSTS": json.dumps([_HOST]),
            "SM_HPS": json.dumps(own),
            "SM_INPUT_DIR": str(folder / "input"),
            "SM_MODEL_DIR": str(folder / "model"),
            "SM_NUM_CPUS": str(min(2, os.cpu_count() or 1)),
            "SM_NUM_GPUS": "0",
            "SM_OUTPUT_DATA_DIR": str(folder / "output/data"),
            "SM_OUTPUT_DIR": str(folder / "output"),
            "TRAINING_JOB_ARN": job.arn,
            "TRAINING_JOB_NAME": job.name,
        }


def parameters(request: Request) -> dict[str, str]:
    """Return the hyperparameters as the container reads them: JSON where they are JSON, else text."""
    return {name: _decoded(value) for name, value in request.get("HyperParameters", {}).items()}


def _decoded(value: str) -> str:
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return found if isinstance(found, str) else value


def last_line(log: Path) -> str:
    """Return the last thing that a process said."""
    lines = log.read_text("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"nothing was said ({sys.platform})"
