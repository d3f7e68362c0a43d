"""Where templates come from: the one that is part of colibris, a directory, or a Git repository."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import colibris
from colibris.startproject.errors import StartProjectError

PACKAGE_PLACEHOLDER = '__packagename__'

GIT_URL = re.compile(r'.*://.*|[\w.-]+@[\w.-]+:.*|.*\.git/?')
CREDENTIALS = re.compile(r'://[^/@\s]+@')
GIT_BOILERPLATE = (
    'fatal: Could not read from remote repository.',
    'Please make sure you have the correct access rights',
    'and the repository exists.',
)


@contextmanager
def open_template(source: str | None = None, ref: str | None = None) -> Iterator[Path]:
    """Give the directory of a template for as long as the context lasts.

    `source` is a directory or the URL of a Git repository, whose branch or tag `ref` is taken; None stands for the
    template of colibris. Raises StartProjectError if there is no template.
    """
    if source is not None and GIT_URL.fullmatch(source):
        with tempfile.TemporaryDirectory(prefix='colibris-template-', ignore_cleanup_errors=True) as directory:
            clone(source, ref, directory)
            yield checked(Path(directory), source)
    elif ref is not None:
        raise StartProjectError('--template-ref needs a --template that is the URL of a Git repository')
    elif source is not None:
        yield checked(Path(source), source)
    else:
        yield checked(default_template(), str(default_template()))


def default_template() -> Path:
    """The directory inside of the installed package, or the one beside the package in a checkout."""
    package = Path(colibris.__file__).resolve().parent
    installed = package / 'project_template'
    return installed if installed.is_dir() else package.parent / 'project_template'


def checked(directory: Path, source: str) -> Path:
    """Return `directory`; raise StartProjectError if it holds no template."""
    source = CREDENTIALS.sub('://', source)
    if not source or not directory.is_dir():
        raise StartProjectError(f'{source!r}: there is no such template directory')
    package = directory / PACKAGE_PLACEHOLDER
    if package.is_symlink() or not package.is_dir():
        raise StartProjectError(f'{source!r}: not a template, it holds no directory named {PACKAGE_PLACEHOLDER}')
    return directory


def clone(url: str, ref: str | None, directory: str) -> None:
    """Get the newest commit of a branch or tag, by default of the repository's main branch."""
    command = ['git', 'clone', '--quiet', '--depth=1', *([f'--branch={ref}'] if ref else []), '--', url, directory]
    try:
        # No shell, and "--" before the URL, so nothing in the arguments is taken for a command or an option.
        result = subprocess.run(  # noqa: S603  # git, without a shell
            command, env=git_environment(), stderr=subprocess.PIPE, text=True, errors='replace'
        )
    except FileNotFoundError:
        raise StartProjectError('git is not installed, but the template is a Git repository') from None
    if result.returncode:
        raise StartProjectError(f'git could not get the template: {complaint(result.stderr)}')


def git_environment() -> dict[str, str]:
    """The environment for git: in English, and not bound to a repository that called us from one of its hooks."""
    bound = {'GIT_DIR', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_WORK_TREE'}
    return {name: value for name, value in os.environ.items() if name not in bound} | {'LC_ALL': 'C'}


def complaint(stderr: str) -> str:
    """The last line that says what went wrong, without the credentials of a URL."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()] or ['no reason given']
    telling = [line for line in lines if line not in GIT_BOILERPLATE] or lines
    return CREDENTIALS.sub('://', telling[-1])
