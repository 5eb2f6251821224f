import os
import stat
from pathlib import Path

import pytest

from salebell_desktop.whole_file import write_whole


def test_it_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    (tmp_path / "file.json.new").write_bytes(b"left by a crash")
    for content in (b"one", b"another"):
        write_whole(path, content)
        assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir()] == ["file.json"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_there_stays_when_it_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        write_whole(path, b"one")
    assert [each.name for each in tmp_path.iterdir()] == ["file.json"]
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "missing" / "file.json", b"one")
