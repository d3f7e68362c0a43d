"""Pages that are tours: their fenced blocks, executed from the first to the last.

``bash`` blocks run in one shell; ``json`` and ``text`` blocks are what the bash block before them prints, and ``log``
blocks what the server logs (``…`` stands for anything). ``python`` blocks are appended to the file that their first
line names; ``diff`` blocks change it, each of the parts between ``@@`` where its old text stands. The server, once
started, is started anew before a request that follows changes. It and ``runworker`` run in the background, to the end.
"""

import json
import re
import shlex
import socket
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.outside import clean_environment

PROLOGUE = """
set -eu
top=$PWD
starts=0
server=
worker=
stop() {
    if [ "$1" ]; then kill "$1"; wait "$1" || true; fi
}
trap 'stop "$server"; stop "$worker"' EXIT
serve() {
    stop "$server"
    command=$1
    starts=$((starts + 1))
    $command --port PORT > "$top/server.$starts.log" 2>&1 &
    server=$!
    until grep -q 'Listening' "$top/server.$starts.log"; do kill -0 "$server"; sleep 0.05; done
}
work() {
    $1 > "$top/worker.log" 2>&1 &
    worker=$!
}
"""
CHANGE = """
import pathlib, sys
path, old, new = pathlib.Path(sys.argv[1]), *sys.argv[2:]
text = path.read_text()
assert text.count(old) == 1, f'{path} holds this {text.count(old)} times:\\n{old}'
path.write_text(text.replace(old, new))
"""
AWAIT_LOG = """
import pathlib, re, sys, time
deadline = time.monotonic() + 10
def log():
    return ''.join(path.read_text() for path in pathlib.Path(sys.argv[1]).glob('server.*.log'))
while time.monotonic() < deadline and not all(re.search(line, log(), re.MULTILINE) for line in sys.argv[2:]):
    time.sleep(0.02)
"""


@dataclass
class Block:
    """A fenced block."""

    language: str
    text: str

    @property
    def path(self) -> str:
        """The file that its first line names."""
        return self.text.partition('\n')[0].removeprefix('# ')

    @property
    def content(self) -> str:
        """What comes after that line."""
        return self.text.partition('\n')[2]


@dataclass
class Tour:
    """A tour that has been taken: its blocks, what the n-th of them printed, and what the server logged."""

    blocks: list[Block]
    outputs: dict[int, str]
    log: str

    def check(self) -> None:
        """Check that everything printed and logged is as the page says."""
        for number, block in enumerate(self.blocks):
            if block.language == 'json':
                assert json.loads(self.outputs[number - 1]) == json.loads(block.text)
            elif block.language == 'text':
                printed = self.outputs[number - 1].rstrip()
                assert re.fullmatch(_pattern(block.text.rstrip()), printed, re.DOTALL), (block, printed)
            elif block.language == 'log':
                for line in _line_patterns(block):
                    assert re.search(line, self.log, re.MULTILINE), (line, self.log)


def take_tour(page: Path, programs: Path, directory: Path, **variables: str) -> Tour:
    """Do what a page says, in an empty directory.

    :param programs: where ``python`` and the other programs of the environment are.
    :param variables: further variables of the environment.
    """
    blocks = blocks_of(page)
    result = subprocess.run(
        ['bash', '-c', script_of(blocks, free_port())],
        cwd=directory,
        env=clean_environment(PATH=f'{programs}:{clean_environment()["PATH"]}', **variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    outputs = {int(path.stem): path.read_text() for path in directory.glob('*.out')}
    log = ''.join(path.read_text() for path in sorted(directory.glob('server.*.log')))
    assert result.returncode == 0, (result.stderr, outputs, log)
    return Tour(blocks, outputs, log)


def blocks_of(page: Path) -> list[Block]:
    """The fenced blocks of a page."""
    return [Block(*match) for match in re.findall(r'^```(\w+)\n(.*?)^```$', page.read_text(), re.MULTILINE | re.DOTALL)]


def table_of(page: Path, *header: str) -> list[tuple[str, ...]]:
    """The rows of the page's table with this header."""
    lines = iter(page.read_text().splitlines())
    for line in lines:
        if _cells(line) == header:
            next(lines)
            return [_cells(row) for row in _while_table(lines)]
    raise AssertionError(f'{page.name} has no table with the columns {header}')


def script_of(blocks: Sequence[Block], port: int) -> str:
    """A script that does what the blocks say; the output of the n-th block goes to the file ``n.out``."""
    parts = [PROLOGUE.replace('PORT', str(port))]
    is_serving = is_changed = False
    for number, block in enumerate(blocks):
        if block.language in ('python', 'diff'):
            parts.append(_append(block) if block.language == 'python' else _change(block))
            is_changed = True
        elif block.language == 'bash':
            text = re.sub(r'^(\S+ runserver( .*)?)$', r"serve '\1'", block.text, flags=re.MULTILINE)
            text = re.sub(r'^(\S+ runworker)$', r"work '\1'", text, flags=re.MULTILINE)
            if is_serving and is_changed and 'localhost:8888' in text:
                text = f'serve "$command"\n{text}'
            if 'serve ' in text:
                is_serving, is_changed = True, False
            parts.append(f'{{\n{text.replace("8888", str(port))}}} > "$top/{number}.out"')
        elif block.language == 'log' and is_serving and not is_changed:
            parts.append(f'{shlex.join(["python", "-c", AWAIT_LOG])} "$top" {shlex.join(_line_patterns(block))}')
    return '\n'.join(parts)


def free_port() -> int:
    """A TCP port that nobody uses."""
    with socket.create_server(('127.0.0.1', 0)) as free:
        return int(free.getsockname()[1])


def _append(block: Block) -> str:
    return f"cat >> {block.path} <<'PYTHON'\n\n\n{block.content}PYTHON"


def _change(block: Block) -> str:
    return '\n'.join(_change_hunk(block.path, hunk) for hunk in block.content.split('@@\n'))


def _change_hunk(path: str, hunk: str) -> str:
    lines = hunk.splitlines(keepends=True)
    old, new = (''.join(line[1:] for line in lines if line[0] in signs) for signs in (' -', ' +'))
    return shlex.join(['python', '-c', CHANGE, path, old, new])


def _line_patterns(block: Block) -> list[str]:
    return [f'^{_pattern(line)}$' for line in block.text.splitlines()]


def _pattern(text: str) -> str:
    return '.*'.join(map(re.escape, text.split('…')))


def _cells(row: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in row.strip('|').split(' | '))


def _while_table(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith('|'):
            return
        yield line
