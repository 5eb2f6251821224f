"""The file of the copy: whole or as before, whatever happens to the process or to the file."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from salebell_server.fallback.copied_file import CopyDamaged, CopyFailed, CopyFile
from tests.needs import small_disk

WRITER = """
import sys
from pathlib import Path
from salebell_server.fallback.copied_file import CopyFile
file = CopyFile(Path(sys.argv[1]))
for number in range(1_000_000):
    file.store(bytes([number % 251]) * 50_000)
    print(number, flush=True)
"""


@pytest.fixture
def file(tmp_path: Path) -> CopyFile:
    return CopyFile(tmp_path)


def test_there_is_none_at_first(file: CopyFile) -> None:
    assert file.load() is None
    assert not file.path.exists()


def test_what_was_stored_last_is_loaded(file: CopyFile) -> None:
    file.store(b"one")
    file.store(b"two" * 100_000)
    file.store(b"three")
    assert file.load() == b"three"
    assert CopyFile(file.path.parent).load() == b"three"


def test_it_is_its_owners_alone_whatever_the_umask(file: CopyFile) -> None:
    before = os.umask(0)
    try:
        file.store(b"secret")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in file.path.parent.iterdir()} == {0o600}


def test_content_that_is_there_already_is_not_written_again(file: CopyFile) -> None:
    file.store(b"one")
    before = file.path.stat().st_mtime_ns
    os.utime(file.path, ns=(before - 10**9, before - 10**9))
    file.store(b"one")
    assert file.path.stat().st_mtime_ns == before - 10**9


def test_what_was_replaced_is_not_left_in_the_file(file: CopyFile) -> None:
    file.store(b"$revoked" * 5_000)
    file.store(b"kept")
    assert b"$revoked" not in file.path.read_bytes()


def test_two_workers_share_it(file: CopyFile) -> None:
    other = CopyFile(file.path.parent)
    file.store(b"one")
    other.store(b"two")
    assert file.load() == b"two"


def _damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    match how:
        case "emptied":
            path.write_bytes(b"")
        case "header cut":
            path.write_bytes(content[:50])
        case "truncated":
            path.write_bytes(content[: len(content) // 2])
        case "text":
            path.write_bytes(b"no database at all\n" * 1000)
        case "a bit flipped":
            place = content.rindex(b"x" * 100)
            path.write_bytes(content[:place] + b"y" + content[place + 1 :])
        case "zeros":
            path.write_bytes(bytes(len(content)))
        case _:
            path.unlink()
            connection = sqlite3.connect(path)
            connection.execute("CREATE TABLE copy (other TEXT)")
            connection.close()


@pytest.mark.parametrize(
    "how", ["emptied", "header cut", "truncated", "text", "a bit flipped", "zeros", "of another program"]
)
def test_a_damaged_one_is_told_never_returned_and_made_anew(file: CopyFile, how: str) -> None:
    file.store(b"x" * 100_000)
    _damage(file.path, how)
    with pytest.raises(CopyDamaged):
        file.load()
    file.store(b"x" * 100_000)
    assert file.load() == b"x" * 100_000
    assert stat.S_IMODE(file.path.stat().st_mode) & 0o077 == 0 or how == "of another program"


def test_a_full_disk_leaves_the_copy_before(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        file = CopyFile(disk)
        file.store(b"one" * 100)
        (disk / "ballast").write_bytes(bytes(7 * 1024 * 1024))
        with pytest.raises(CopyFailed, match="full"):
            file.store(b"two" * 1_000_000)
        assert file.load() == b"one" * 100


def test_a_directory_that_is_gone_is_a_failure_in_words(file: CopyFile) -> None:
    file.path.parent.rmdir()
    with pytest.raises(CopyFailed, match="no such file or directory"):
        file.store(b"one")


def test_killed_while_it_writes_the_last_copy_or_the_next_is_there_whole(file: CopyFile) -> None:
    for _ in range(8):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(file.path.parent)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        last = -1
        while last < 5:
            last = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split(b"\n")[:-1]
        writer.stdout.close()
        writer.wait()
        last = int(rest[-1]) if rest else last
        assert file.load() in (bytes([last % 251]) * 50_000, bytes([(last + 1) % 251]) * 50_000)
