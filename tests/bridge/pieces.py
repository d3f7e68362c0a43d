"""Coroutines and plain functions for the bridge to drive."""

import asyncio
import contextvars
import subprocess
import sys
import textwrap

import pytest

from colibris import bridge
from colibris.bridge import wait

EAGER = pytest.mark.skipif(sys.version_info < (3, 12), reason='eager tasks came with Python 3.12')


variable = contextvars.ContextVar('variable', default='outside')


async def give(value=None):
    """A result after a turn of the loop."""
    await asyncio.sleep(0)
    return value


async def fail(error):
    await asyncio.sleep(0)
    raise error


def plain(value=None):
    """Plain code that waits."""
    return wait(give(value))


async def call(function, *args):
    return function(*args)


def new_tasks_driven(everywhere):
    bridge.install(asyncio.get_running_loop(), everywhere=everywhere)


def in_python(code):
    """What another process with all warnings prints, on both of its channels."""
    arguments = [sys.executable, '-X', 'dev', '-W', 'ignore::DeprecationWarning', '-c', textwrap.dedent(code)]
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
    return done.stdout
