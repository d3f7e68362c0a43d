"""The command line of `colibris-start-project`."""

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from colibris import __version__
from colibris.startproject.errors import StartProjectError
from colibris.startproject.generator import generate, new_secret_key, refuse_existing
from colibris.startproject.names import package_name_of
from colibris.startproject.template import PACKAGE_PLACEHOLDER, open_template

PROGRAM = 'colibris-start-project'
FAILURE = 2

NEXT_STEPS = """\
{project} is ready. What comes next:

    cd {project}
    {install}
    ./{package}/manage.py migrate
    ./{package}/manage.py adduser admin --role admin
    ./{package}/manage.py runserver
"""


class Parser(argparse.ArgumentParser):
    """A parser that needs a single line to say what is wrong."""

    def error(self, message: str) -> NoReturn:
        """Print `message` and end the process with exit status 2."""
        self.exit(FAILURE, f'{self.prog}: {message} (see {self.prog} --help)\n')


def main(argv: Sequence[str] | None = None) -> int:
    """Make the project that the arguments ask for, by default those of the process.

    Returns the exit status: 0, or 2 after one line about the fault on standard error.
    """
    arguments = make_parser().parse_args(argv)
    try:
        with interruptible():
            package = start_project(arguments.name, arguments.template, arguments.template_ref)
    except StartProjectError as error:
        return fail(str(error))
    except OSError as error:
        return fail(f'could not make {arguments.name}: {describe(error)}')
    except KeyboardInterrupt:
        return fail('interrupted')

    print(next_steps(arguments.name, package), end='')
    return 0


def make_parser() -> argparse.ArgumentParser:
    """The options and arguments of the command."""
    parser = Parser(prog=PROGRAM, description='Make a new colibris project in the current directory.')
    parser.add_argument('name', help='name of the project and of its directory, for example my-project')
    parser.add_argument('--template', metavar='DIR-OR-GIT-URL', help='use this template instead of the one of colibris')
    parser.add_argument('--template-ref', metavar='REF', help='branch or tag of the Git repository to use')
    parser.add_argument('--version', action='version', version=f'colibris {__version__}')
    return parser


def start_project(name: str, source: str | None, ref: str | None) -> str:
    """Make the directory `name` with a project in it and return the name of the project's package."""
    package = package_name_of(name)
    target = Path.cwd() / name
    refuse_existing(target)
    placeholders = {
        PACKAGE_PLACEHOLDER: package,
        '__projectname__': name,
        '__colibrisversion__': __version__,
        '__secretkey__': new_secret_key(),
    }
    with open_template(source, ref) as template:
        generate(template, target, placeholders)
    return package


def next_steps(project: str, package: str) -> str:
    """What the user may want to type now."""
    install = "pip install -e '.[test]'"
    if 'VIRTUAL_ENV' not in os.environ:
        install = f'python3 -m venv .venv && . .venv/bin/activate && {install}'
    return NEXT_STEPS.format(project=project, package=package, install=install)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and SIGHUP do what Ctrl-C does, so that they leave nothing half-made either."""
    numbers = [getattr(signal, name) for name in ('SIGTERM', 'SIGHUP') if hasattr(signal, name)]
    changed = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in changed:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def fail(message: str) -> int:
    """Print one line on standard error and return the exit status."""
    print(PROGRAM + ':', ' '.join(message.split()), file=sys.stderr)
    return FAILURE


def describe(error: OSError) -> str:
    """What the file system said and of which file."""
    return ': '.join(str(part) for part in (error.filename, error.strerror or error) if part)
