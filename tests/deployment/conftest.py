"""A generated project, whose files of deployment are looked at."""

import subprocess
import sys
from pathlib import Path

import pytest

GENERATE = 'import sys; from colibris.startproject import main; sys.exit(main())'


def generate(directory, name):
    """Generate a project; gives its directory."""
    subprocess.run([sys.executable, '-c', GENERATE, name], cwd=directory, check=True, capture_output=True)
    return directory / name


@pytest.fixture(scope='session')
def project(tmp_path_factory):
    return generate(tmp_path_factory.mktemp('deployment'), 'my-project')


def tool(name, *arguments, cwd=None):
    """Run a program of the environment; gives its status, and all that it prints."""
    program = Path(sys.executable).parent / name
    result = subprocess.run(
        [program if program.exists() else name, *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return result.returncode, result.stdout
