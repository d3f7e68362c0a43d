"""The README's tour, executed from its first line to its last."""

import json
import re
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY, clean_environment

SERVE = """
{command} > server.log 2>&1 &
server=$!
trap 'kill $server' EXIT
until grep -q 'Listening' server.log; do kill -0 $server; done
"""


@dataclass
class Block:
    """A fenced block."""

    language: str
    text: str


def blocks_of(path: Path) -> list[Block]:
    return [Block(*match) for match in re.findall(r'^```(\w+)\n(.*?)^```$', path.read_text(), re.MULTILINE | re.DOTALL)]


def script_of(blocks: list[Block], port: int) -> str:
    """A script that does what the blocks say; the output of the n-th block goes to the file ``n.out``."""
    parts = ['set -eu', 'top=$PWD']
    for number, block in enumerate(blocks):
        text = block.text.replace('8888', str(port))
        if block.language == 'python':
            path, code = text.removeprefix('# ').split('\n', 1)
            parts.append(f"cat >> {path} <<'PYTHON'\n\n\n{code}PYTHON")
        elif block.language == 'bash':
            text = re.sub(
                r'^(\S+ runserver)$',
                lambda match: SERVE.format(command=f'{match[1]} --port {port}'),
                text,
                flags=re.MULTILINE,
            )
            parts.append(f'{{\n{text}}} > $top/{number}.out')
    return '\n'.join(parts)


@pytest.fixture
def port() -> int:
    with socket.create_server(('127.0.0.1', 0)) as free:
        return int(free.getsockname()[1])


def test_tour(environment: Environment, tmp_path: Path, port: int) -> None:
    blocks = blocks_of(REPOSITORY / 'README.md')
    script = script_of(blocks, port)
    path = f'{environment.path / "bin"}:{clean_environment()["PATH"]}'
    result = subprocess.run(
        ['bash', '-c', script],
        cwd=tmp_path,
        env=clean_environment(PATH=path),
        capture_output=True,
        text=True,
        timeout=300,
    )
    outputs = {
        number: (tmp_path / f'{number}.out').read_text()
        for number in range(len(blocks))
        if (tmp_path / f'{number}.out').exists()
    }
    assert result.returncode == 0, (result.stderr, outputs)

    for number, block in enumerate(blocks):
        if block.language == 'json':
            assert json.loads(outputs[number - 1]) == json.loads(block.text)
    assert ' passed' in outputs[len(blocks) - 1]
    assert {block.language for block in blocks} == {'bash', 'python', 'json'}
