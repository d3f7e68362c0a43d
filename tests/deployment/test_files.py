"""The files of deployment fit together, and fit the project."""

import re
from argparse import ArgumentParser

import pytest
import yaml

from colibris import conf
from colibris.commands.registry import Registry
from colibris.conf import settings
from colibris.conf.backends import check_backends
from colibris.serving.workers import MARGIN_SECONDS

from . import files
from .conftest import generate

TASK_SECONDS = 180
SECRETS = {
    'SECRET_KEY': 'c6Zt4pQwLr0Vx9NfKjHs2DbGmYe7UaTi5oRzXqWv',
    'DATABASE_PASSWORD': 'one',
    'CACHE_PASSWORD': 'two',
    'TASK_QUEUE_PASSWORD': 'three',
}


def test_every_command_is_one(project, write_project):
    started = list(files.commands(project))
    assert {words[0] for words in started} == {'migrate', 'runserver', 'runworker'}
    commands = Registry(write_project())
    for words in started:
        command, parser = commands.find(words[0])(), ArgumentParser()
        command.add_arguments(parser)
        parser.parse_args(words[1:])


@pytest.fixture(params=['settings.yml', 'ConfigMap'])
def production(request, clean_settings, tmp_path, monkeypatch):
    """The settings, as a server reads them in a directory that has this file."""
    root = generate(tmp_path, 'bureau')
    (root / '.env').unlink()
    objects = files.kubernetes(root)
    text = objects['ConfigMap', 'settings']['data']['settings.yml']
    if request.param == 'settings.yml':
        text = (root / 'deploy' / 'settings.yml').read_text()
    (tmp_path / 'settings.yml').write_text(text)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(root)
    conf.setup('bureau')


def test_settings(production):
    check_backends()
    assert settings.DEBUG is False
    assert settings.LISTEN == '0.0.0.0'
    assert [settings.DATABASE[key] for key in ('backend', 'password')] == [
        'colibris.persist.PostgreSQLBackend',
        'one',
    ]
    assert (settings.CACHE['password'], settings.TASK_QUEUE['password']) == ('two', 'three')
    assert 'localhost' in settings.ALLOWED_HOSTS


@pytest.mark.parametrize('grace', [files.grace_of_compose, files.grace_of_systemd, files.grace_of_kubernetes])
def test_who_stops_the_server_gives_it_the_time_that_it_takes(project, grace):
    """Its master has some seconds more than its workers."""
    delay, timeout, limit = grace(project)
    assert limit > delay + timeout + MARGIN_SECONDS


@pytest.mark.parametrize('name', ['worker', 'scheduler'])
def test_who_stops_a_worker_gives_tasks_the_time_that_they_may_take(project, name):
    limits = [
        files.seconds(files.compose(project)['services'][name]['stop_grace_period']),
        int(files.unit(project, f'my-project-{name}.service')['Service']['TimeoutStopSec']),
        files.pod(files.kubernetes(project)['Deployment', name])['terminationGracePeriodSeconds'],
    ]
    assert min(limits) > TASK_SECONDS


def test_the_readme_tells_of_each_file(project):
    """Those for the whole of the project; what else there is, the first table lists."""
    _, _, table = (project / 'README.md').read_text().rpartition('| File | For |')
    named = set(re.findall(r'^\| `([^`]+)`', table, re.MULTILINE))
    others = {'.dockerignore', '.env', '.gitignore', 'Pipfile', 'README.md', 'deploy/', 'myproject/', 'setup.py'}
    there = [*project.iterdir(), *(project / 'deploy').iterdir()]
    assert named == {f'{path.relative_to(project)}{"/" * path.is_dir()}' for path in there} - others


def test_no_file_is_left_out_of_what_is_served(project):
    """The image is built from the package alone, and holds no secrets."""
    ignored = (project / '.dockerignore').read_text().splitlines()
    assert {'.env', '.git', 'deploy', 'docker-compose.yml'} <= set(ignored)
    assert not {'setup.py', 'myproject', 'README.md'}.intersection(ignored)


@pytest.mark.parametrize('name', ['no', 'Null', 'A.b_c-d'])
def test_names_that_yaml_takes_for_something_else(tmp_path, name):
    project = generate(tmp_path, name)
    package = ''.join(letter for letter in name.lower() if letter.isalnum() or letter == '_')
    for words in (files.compose(project)['services']['worker']['command'], *files.procfile(project).values()):
        assert words[0] == name
    values = yaml.safe_load((project / 'deploy' / 'settings.yml').read_text())
    assert values['DATABASE']['name'] == package
    assert files.compose(project)['services']['database']['environment']['POSTGRES_DB'] == package
    objects = files.kubernetes(project)
    assert files.pod(objects['Deployment', 'worker'])['containers'][0]['command'][0] == name
    assert objects['Service', 'server']['spec']['selector']['app.kubernetes.io/part-of'] == package
