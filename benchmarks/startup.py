"""How much CPU time each command takes to start, beside importing the packages it stands on.

Makes a new project and prints, for each command, the smallest of several runs in seconds and its ratio to a process
that only imports peewee (and aiohttp, for runserver)::

    python benchmarks/startup.py [--runs 10]
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

PERSISTENCE = 'import peewee, playhouse.pwasyncio'
SERVING = f'{PERSISTENCE}, aiohttp.web, marshmallow'
COMMANDS = {
    '--help': PERSISTENCE,
    'makemigrations --check': PERSISTENCE,
    'migrate': PERSISTENCE,
    'showmigrations': PERSISTENCE,
    'shell -c pass': PERSISTENCE,
    'runserver --no-reload --host nowhere.invalid': SERVING,
}


def cpu_seconds(arguments: list[str], directory: Path) -> float:
    """The CPU time of a process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(arguments, cwd=directory, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--runs', type=int, default=10)
    runs = range(parser.parse_args().runs)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        starter = Path(sys.executable).with_name('colibris-start-project')
        subprocess.run([starter, 'shop'], cwd=directory, check=True, capture_output=True)
        manage = str(directory / 'shop' / 'shop' / 'manage.py')
        print(f'{"command":<36}{"seconds":>8}{"imports":>9}{"ratio":>7}')
        for command, imports in COMMANDS.items():
            ours, theirs = (
                min(cpu_seconds([sys.executable, *arguments], directory) for _ in runs)
                for arguments in ([manage, *command.split()], ['-c', imports])
            )
            print(f'{command:<36}{ours:>8.3f}{theirs:>9.3f}{ours / theirs:>7.2f}')


if __name__ == '__main__':
    main()
