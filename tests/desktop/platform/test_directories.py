import os
import stat
from pathlib import Path

import pytest

from salebell_desktop.platform.directories import DirectoryRefused, directories, make_private, short_name


def test_everything_lives_under_the_chosen_directory(tmp_path: Path) -> None:
    places = directories({"SALEBELL_DESKTOP_DIR": str(tmp_path / "desk")}).create()

    for path in (places.settings, places.cache, places.lock):
        assert path.is_dir()
        assert tmp_path / "desk" in path.parents
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert len({places.settings, places.cache, places.lock}) == 3


def test_the_platforms_directories_are_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))

    places = directories({"SALEBELL_DESKTOP_DIR": "  "})

    assert len({places.settings, places.cache, places.lock}) == 3
    assert all("salebell" in str(path) for path in (places.settings, places.cache, places.lock, places.runtime))


def test_the_runtime_directory_is_the_sessions_and_short(tmp_path: Path) -> None:
    assert directories({"XDG_RUNTIME_DIR": "/run/user/1000"}).runtime == Path("/run/user/1000/salebell")
    for environment in ({}, {"XDG_RUNTIME_DIR": str(tmp_path / ("d" * 60))}):
        assert len(str(directories(environment).runtime)) < 40


def test_a_relative_directory_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert directories({"SALEBELL_DESKTOP_DIR": "here"}).cache == tmp_path / "here" / "cache"


def test_an_open_directory_is_closed_to_others(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)

    make_private(shared)

    assert stat.S_IMODE(shared.stat().st_mode) == 0o700


def test_a_file_in_the_way_is_told_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(DirectoryRefused, match=f"{tmp_path}/file: is not a directory"):
        make_private(tmp_path / "file")
    with pytest.raises(DirectoryRefused, match="cannot be made"):
        make_private(tmp_path / "file" / "below")


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    os.chown(other, 65534, 65534)

    with pytest.raises(DirectoryRefused, match="belongs to another user"):
        make_private(other)


def test_short_names_tell_paths_apart(tmp_path: Path) -> None:
    names = {short_name(tmp_path / str(number)) for number in range(100)}

    assert len(names) == 100
    assert all(len(name) == 20 for name in names)
