"""How the process ends."""

import os
import subprocess
import sys

import pytest

ENDS = """
import os, sys
from salebell_server.__main__ import give_up_unread
stream = os.fdopen(2, "w", buffering=4096)
sys.stderr = stream
stream.write("what nobody reads")
sys.stdin.readline()
if sys.argv[1] == "given up":
    give_up_unread(stream)
"""


@pytest.mark.parametrize(("how", "status"), [("given up", 0), ("left", 120)])
def test_a_log_that_nobody_reads_any_more_is_no_failure(how: str, status: int) -> None:
    reading, writing = os.pipe()
    with subprocess.Popen([sys.executable, "-c", ENDS, how], stdin=subprocess.PIPE, stderr=writing) as process:
        os.close(writing)
        os.close(reading)
        process.communicate(b"go on\n", timeout=30)
    assert process.returncode == status


def test_one_that_is_read_is_read_to_the_end() -> None:
    process = subprocess.run(
        [sys.executable, "-c", ENDS, "given up"], input=b"go on\n", capture_output=True, timeout=30, check=True
    )
    assert process.stderr == b"what nobody reads"
