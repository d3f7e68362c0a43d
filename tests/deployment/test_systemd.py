"""The units of systemd."""

import shutil

import pytest

from . import files
from .conftest import tool

UNITS = [
    'my-project-migrate.service',
    'my-project-scheduler.service',
    'my-project-server.service',
    'my-project-server.socket',
    'my-project-worker.service',
]
TARGETS = ('basic', 'multi-user', 'network-online', 'shutdown', 'sockets', 'sysinit')
EXPOSURE = '15'  # 1.5 of 10, which systemd calls OK


@pytest.fixture
def machine(project, tmp_path):
    """The file system of a machine on which the project is installed."""
    directory = tmp_path / 'etc' / 'systemd' / 'system'
    shutil.copytree(project / 'deploy' / 'systemd', directory)
    for name in TARGETS:
        (directory / f'{name}.target').write_text(f'[Unit]\nDescription={name}\n')
    for name in ('opt/my-project/bin/my-project', 'bin/kill'):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text('#!/bin/sh\n')
        path.chmod(0o755)
    return tmp_path


def verify(machine):
    return tool('systemd-analyze', f'--root={machine}', '--man=no', 'verify', *UNITS)


def test_names(project):
    assert files.units(project) == UNITS


def test_they_are_valid(machine):
    assert verify(machine) == (0, '')


@pytest.mark.parametrize(
    ('name', 'old', 'new', 'found'),
    [
        ('my-project-server.service', 'Type=notify', 'Type=nofity', 'Failed to parse service type'),
        ('my-project-.service.d/common.conf', 'ProtectHome=', 'ProtectHoem=', "Unknown key 'ProtectHoem'"),
        ('my-project-server.socket', '127.0.0.1:8888', '127.0.0.1:http', 'Failed to parse address'),
        ('my-project-worker.service', '/opt/my-project/', '/opt/other/', 'is not executable'),
    ],
)
def test_they_would_be_found_wrong(machine, name, old, new, found):
    path = machine / 'etc' / 'systemd' / 'system' / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert found in verify(machine)[1]


@pytest.mark.parametrize('name', [name for name in UNITS if name.endswith('.service')])
def test_they_may_do_little(machine, name):
    status, found = tool(
        'systemd-analyze', f'--root={machine}', 'security', '--offline=true', f'--threshold={EXPOSURE}', name
    )
    assert status == 0, found


def test_the_server_is_given_its_socket(project):
    service = files.unit(project, 'my-project-server.service')
    assert service['Unit']['Requires'] == 'my-project-server.socket'
    assert service['Service']['Type'] == 'notify'
    assert service['Service']['ExecReload'] == '/bin/kill -HUP $MAINPID'
    assert 'WEB_CONCURRENCY' in service['Service']['Environment'], 'without workers, SIGHUP replaces none'


@pytest.mark.parametrize('name', ['server', 'worker', 'scheduler'])
def test_migrations_come_first(project, name):
    unit = files.unit(project, f'my-project-{name}.service')['Unit']
    assert 'my-project-migrate.service' in unit['Wants'].split()
    assert 'my-project-migrate.service' in unit['After'].split()
