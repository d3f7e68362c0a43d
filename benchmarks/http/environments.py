"""A virtual environment for each service, made when it is used for the first time."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.http.peers import Peer

CHECKOUT = Path(__file__).resolve().parents[2]
ROOT = CHECKOUT / '.venv-benchmark'
EXTRAS = {'postgresql': 'postgresql,serve', 'mysql': 'mysql,serve', 'sqlite': 'serve'}
VERSIONS = """
import importlib.metadata, json, sys
print(json.dumps({name: importlib.metadata.version(name) for name in sys.argv[1:]}))
"""


def python_of(peer: Peer, engine: str) -> Path:
    """The interpreter that has what a service needs: its pinned requirements, or this checkout of colibris.

    colibris has the extras of the engine only, as a project would, for Peewee imports every driver that it finds. Its
    checkout is a directory on Python's path: setuptools's finder would be one more import at each start.

    :raises SystemExit: it cannot be installed.
    """
    if peer.requirements.exists():
        name, wanted, source = peer.name, ['--requirement', str(peer.requirements)], peer.requirements
    else:
        name, wanted, source = (
            f'colibris-{engine}',
            ['--config-settings', 'editable_mode=compat', '--editable', f'{CHECKOUT}[{EXTRAS[engine]}]'],
            CHECKOUT / 'setup.py',
        )
    directory = ROOT / f'{name}-{sys.version_info.major}.{sys.version_info.minor}'
    _make(directory, wanted, '\n'.join([*wanted, source.read_text()]))
    return _python(directory)


def versions_of(python: Path, packages: Iterable[str]) -> dict[str, str]:
    """The versions of packages that are installed for an interpreter."""
    result = subprocess.run([python, '-c', VERSIONS, *packages], capture_output=True, text=True, check=True)
    return dict(json.loads(result.stdout))


def _make(directory: Path, wanted: list[str], stamp: str) -> None:
    """Make an environment, unless it has been made with the same stamp."""
    mark = directory / 'installed.txt'
    if mark.exists() and mark.read_text() == stamp:
        return
    print(f'Preparing {directory.name} ...', file=sys.stderr, flush=True)
    for command in (
        [sys.executable, '-m', 'venv', '--clear', directory],
        [_python(directory), '-m', 'pip', 'install', '-qq', '--disable-pip-version-check', *wanted],
    ):
        if subprocess.run(command, check=False).returncode:
            raise SystemExit(f'{directory.name} cannot be prepared')
    mark.write_text(stamp)


def _python(directory: Path) -> Path:
    return directory / 'bin' / 'python'
