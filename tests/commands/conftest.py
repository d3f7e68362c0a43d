"""A project in a directory of its own, and its manage.py as a process of its own."""

import os
import re
import signal
import subprocess
import sys
from textwrap import dedent

import pytest

from tests.processes import Process, children_of, send

MANAGE = """
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from colibris.commands import main

sys.exit(main('shop'))
"""
MODELS = """
from colibris import persist


class Item(persist.Model):
    name = persist.CharField()
"""
SETTINGS = """
DATABASE = {'backend': 'colibris.persist.SQLiteBackend', 'name': 'shop.db'}
LISTEN = '127.0.0.1'
"""


SERVING = {'aiohttp', 'aiohttp_apispec', 'aiosmtplib', 'babel', 'jinja2', 'jwt', 'redis', 'rq', 'webargs'}
"""Packages that only serving a project, or one of its backends, asks for."""


class Shop:
    """A project called ``shop``."""

    def __init__(self, directory):
        self.directory = directory
        self.package = directory / 'shop'
        self.package.mkdir()
        self.write(__init__='', settings=SETTINGS, models=MODELS, routes='ROUTES = []', manage=MANAGE)

    def write(self, **modules):
        for name, text in modules.items():
            path = self.package / f'{name.replace("__", "/") if not name.startswith("_") else name}.py'
            path.parent.mkdir(exist_ok=True)
            path.write_text(dedent(text))

    def environment(self, **variables):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(('COLIBRIS', 'PYTEST'))}
        return {**kept, **variables}

    def start(self, *arguments, interpreter=(), **options):
        """Start manage.py, with pipes for its output."""
        variables = {} if arguments[:1] == ('test',) else {'PYTHONWARNINGS': 'error'}
        return Process(
            [sys.executable, *interpreter, str(self.package / 'manage.py'), *arguments],
            cwd=self.directory,
            env=self.environment(PYTHONFAULTHANDLER='1', **variables),
            **{'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, 'text': True, **options},
        )

    def run(self, *arguments, **options):
        """Run manage.py to its end: ``(status, output, errors)``."""
        with self.start(*arguments, **options) as process:
            try:
                output, errors = process.communicate(timeout=300)
            except subprocess.TimeoutExpired:
                below = children_of(process.pid)
                process.send_signal(signal.SIGABRT)  # it says where it is
                for pid in below:  # they hold the ends of its pipes
                    send(pid, signal.SIGKILL)
                output, errors = process.communicate()
                raise AssertionError(f'{arguments} does not end:\n{output}\n{errors}') from None
        return process.returncode, output, errors

    def imported(self, *arguments):
        """The top-level modules that manage.py imports."""
        errors = self.run(*arguments, interpreter=('-X', 'importtime'))[2]
        return set(re.findall(r'^import time:.*\| +(\w+)', errors, re.MULTILINE))


@pytest.fixture
def shop(tmp_path):
    """A project that has a model and no routes."""
    return Shop(tmp_path)
