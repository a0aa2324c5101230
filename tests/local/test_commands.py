"""The command line against a cloud that runs."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from infrastructure.local.cli import DONE, FAILED, main
from infrastructure.local.cloud import Cloud, NoCloud, attach
from infrastructure.local.places import ROOT
from tests.local.conftest import Shop
from tests.local.shots import jpeg, vase


@pytest.fixture
def packshot(cloud: Cloud) -> "Typed":
    """Return what types commands for this cloud."""
    return Typed(cloud)


class Typed:
    """Types `packshot …`."""

    def __init__(self, cloud: Cloud) -> None:
        """Type for this cloud."""
        self._cloud = cloud

    def __call__(self, *words: str) -> int:
        """Run a command and return how it ended."""
        return main(["--state", str(self._cloud.state), *words])


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Return a good photo."""
    path = tmp_path / "vase.jpg"
    path.write_bytes(jpeg(vase(4)))
    return path


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """Return a file that only calls itself a photo."""
    path = tmp_path / "text.jpg"
    path.write_bytes(b"not an image")
    return path


def test_a_photo_is_added_followed_and_traced(
    packshot: Typed, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`add` tells each step and what came out; `status` and `trace` find it again."""
    assert packshot("add", str(photo), "--sku", "cli-1", "--title", "Vase", "--price", "7") == DONE
    told = capsys.readouterr().out
    assert "cli-1/vase: mask product" in told
    assert "fidelity 0" in told
    assert "vase-white-main.jpg" in told

    assert packshot("status") == DONE
    assert "cli-1" in capsys.readouterr().out
    assert packshot("status", "cli-1") == DONE
    assert "vase-cutout.png" in capsys.readouterr().out

    assert packshot("trace", "cli-1") == DONE
    traced = capsys.readouterr().out
    for state in ("AnalyzePhoto", "MaskProduct", "MakeScenes", "ComposeImage", "PublishImages", "Published"):
        assert state in traced


def test_a_photo_that_cannot_be_used_fails_the_command(
    packshot: Typed, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Scripts see it by the exit code, people by the reason."""
    assert packshot("add", str(text), "--sku", "cli-2") == FAILED
    assert "rejected" in capsys.readouterr().out


def test_not_waiting_returns_at_once(packshot: Typed, photo: Path) -> None:
    """`--no-wait` leaves the work to the cloud."""
    assert packshot("add", str(photo), "--sku", "cli-3", "--no-wait") == DONE


@pytest.mark.parametrize("command", ["status", "trace"])
def test_an_unknown_product_is_told(
    packshot: Typed, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A typing error in a SKU is no stack trace."""
    assert packshot(command, "nobody") == FAILED
    assert "nobody" in capsys.readouterr().err


def test_a_function_is_called_with_a_sample_event(
    packshot: Typed, shop: Shop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answer is printed as JSON with the end of the log; an error fails the command."""
    event = tmp_path / "upload.json"
    upload = {"bucket": "any-uploads", "key": "uploads/nowhere/gone.jpg", "size": 1, "execution": "by hand"}
    event.write_text(json.dumps(upload))
    assert packshot("invoke", "analyze-photo", str(event)) == FAILED
    told = capsys.readouterr().out
    assert "RejectedPhoto" in told
    assert "gone" in told
    assert packshot("invoke", "reject_photo") == DONE
    assert "packshot invoke reject_photo not_an_image" in capsys.readouterr().out
    assert packshot("logs", "analyze_photo", "--lines", "5") == DONE
    assert capsys.readouterr().out.strip()
    assert shop.cloud.log_of("analyze_photo").is_file()


def test_a_new_key_opens_the_storefront(
    packshot: Typed, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    """`keys add` prints a key, which an authorizer that has just started takes."""
    assert packshot("keys", "add", "partner") == DONE
    key = capsys.readouterr().out.splitlines()[0].strip()
    secret = shop.cloud.client("secretsmanager").get_secret_value(
        SecretId=shop.cloud.outputs["ApiKeysSecretArn"]
    )["SecretString"]
    assert {entry["name"] for entry in json.loads(secret)["keys"]} >= {"partner"}
    assert key not in secret


def test_the_demo_fills_a_folder_that_can_be_looked_at(
    packshot: Typed, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One photo in; a table, every image and a contact sheet out; the running cloud is used and left."""
    out = tmp_path / "out"
    assert packshot("demo", "--photo", str(photo), "--sku", "demo-1", "--out", str(out)) == DONE
    told = capsys.readouterr().out
    assert "published" in told or "needs review" in told
    assert "index.html" in told
    page = (out / "index.html").read_text()
    for name in (
        "before.jpg",
        "matte.png",
        "cutout.png",
        "white-web.webp",
        "trend-main.jpg",
        "alternative-main.jpg",
    ):
        assert f"demo-1/vase-{name}" in page
        assert (out / "demo-1" / f"vase-{name}").stat().st_size > 1000
    assert packshot("status") == DONE


def test_a_demo_without_any_image_fails(
    packshot: Typed, text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rejected photo is on the sheet with its reason, and the exit code says that nothing came out."""
    out = tmp_path / "out"
    assert packshot("demo", "--photo", str(text), "--out", str(out)) == FAILED
    assert "rejected" in capsys.readouterr().out
    assert "rejected" in (out / "index.html").read_text()


def test_ctrl_c_ends_a_cloud_in_the_foreground(tmp_path: Path) -> None:
    """`packshot up` says how to use the cloud, and leaves no process and no open port behind."""
    state = tmp_path / "state"
    command = [sys.executable, "-m", "infrastructure.local.cli", "--state", str(state), "up"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as up:  # noqa: S603 - our own
        assert up.stdout is not None
        told = "".join(iter(up.stdout.readline, "Ctrl-C ends it and leaves nothing behind.\n"))
        cloud = attach(state)
        up.send_signal(signal.SIGINT)
        assert up.wait(timeout=20) == DONE
    assert cloud.outputs["UploadsBucket"] in told
    assert cloud.api_key in told
    with pytest.raises(NoCloud):
        attach(state)
    assert not Path(f"/proc/{cloud.pid}").exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(cloud.endpoint)
