"""A virtual environment for each service, made when it is used for the first time."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.http.peers import Peer

ROOT = Path(__file__).resolve().parents[2] / '.venv-benchmark'
VERSIONS = """
import importlib.metadata, json, sys
print(json.dumps({name: importlib.metadata.version(name) for name in sys.argv[1:]}))
"""


def python_of(peer: Peer) -> Path:
    """The interpreter that has what a service needs.

    :raises SystemExit: it cannot be installed.
    """
    if not peer.requirements.exists():
        return Path(sys.executable)
    directory = ROOT / f'{peer.name}-{sys.version_info.major}.{sys.version_info.minor}'
    python = directory / 'bin' / 'python'
    mark = directory / 'installed.txt'
    if not mark.exists() or mark.read_text() != peer.requirements.read_text():
        print(f'Installing what {peer.name} needs ...', file=sys.stderr, flush=True)
        _install(directory, python, peer.requirements)
        shutil.copy(peer.requirements, mark)
    return python


def versions_of(python: Path, packages: Iterable[str]) -> dict[str, str]:
    """The versions of packages that are installed for an interpreter."""
    result = subprocess.run([python, '-c', VERSIONS, *packages], capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


def _install(directory: Path, python: Path, requirements: Path) -> None:
    pip = [python, '-m', 'pip', 'install', '-qq', '--disable-pip-version-check', '-r', requirements]
    for command in ([sys.executable, '-m', 'venv', '--clear', directory], pip):
        if subprocess.run(command, check=False).returncode:
            raise SystemExit(f'{requirements} could not be installed')
