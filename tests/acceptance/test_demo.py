"""The demo, in a fresh copy of the checkout."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.acceptance.conftest import copy_of_checkout
from tests.acceptance.outside import Client, clean_environment


def test_demo_serves_twice(tmp_path: Path) -> None:
    checkout = copy_of_checkout(tmp_path / 'checkout')
    keys = [run_demo(checkout), run_demo(checkout)]
    assert keys[0] == keys[1]


def run_demo(checkout: Path) -> str:
    """Start the demo, use it as its output says, stop it with Ctrl-C, and return the key that it printed."""
    process = subprocess.Popen(
        [checkout / 'scripts' / 'demo'],
        env=clean_environment(PORT='0', PYTHON=sys.executable),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    output = ''
    try:
        assert process.stdout
        for line in process.stdout:
            output += line
            if line.startswith('Listening on'):
                break
        key = re.search(r'Authorization: Bearer (\S+?)\'', output)
        address = re.search(r'Listening on (http://\S+)', output)
        assert key, output
        assert address, output
        client = Client(address[1]).with_key(key[1])
        assert client.get('/users/me').data['username'] == 'admin'
        assert client.get('/users?ordering=-created&page_size=10').data['count'] == 1
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 0
    return key[1]
