"""Assets of the local cloud: folders that stay where they are, and zips that are unpacked once."""

import io
import threading
import zipfile
from pathlib import Path

from infrastructure.local.emulator.assets import folder_of, pointer_to


def archive(**files: str) -> bytes:
    """Return a zip of files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as zipped:
        for name, text in files.items():
            zipped.writestr(name, text)
    return data.getvalue()


def test_a_pointer_leads_back_to_its_folder(tmp_path: Path) -> None:
    """Nothing is copied, whatever the folder is called."""
    folder = tmp_path / "Fotos é 😀"

    assert folder_of(pointer_to(folder), unpacked=tmp_path / "unpacked") == folder
    assert not (tmp_path / "unpacked").exists()


def test_pointers_are_the_same_for_the_same_folder(tmp_path: Path) -> None:
    """CloudFormation sees no change where there is none."""
    assert pointer_to(tmp_path) == pointer_to(tmp_path)
    assert pointer_to(tmp_path) != pointer_to(tmp_path / "other")


def test_a_real_zip_is_unpacked_by_its_content(tmp_path: Path) -> None:
    """The same zip gives the same folder, another zip another one."""
    one, two = archive(handler="1"), archive(handler="2")
    first = folder_of(one, unpacked=tmp_path)

    assert (first / "handler").read_text("utf-8") == "1"
    assert folder_of(one, unpacked=tmp_path) == first
    assert folder_of(two, unpacked=tmp_path) != first


def test_many_may_unpack_at_once(tmp_path: Path) -> None:
    """A burst of cold starts ends with one whole folder and no leftovers."""
    asset = archive(**{f"file{i}": "x" * 1000 for i in range(50)})
    found: list[Path] = []
    threads = [
        threading.Thread(target=lambda: found.append(folder_of(asset, unpacked=tmp_path))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert len(found) == 8
    assert [folder.name for folder in tmp_path.iterdir()] == [found[0].name]
    assert len(list(found[0].iterdir())) == 50
