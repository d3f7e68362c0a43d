"""manage.py from outside: what it prints, and its exit status."""

import os
import signal
import subprocess

import pytest

from .conftest import SERVING

COMMANDS = """
import asyncio
from argparse import ArgumentParser

from colibris.commands import BaseCommand, CommandError


class GreetCommand(BaseCommand):
    \"\"\"Say hello.

    More about it.
    \"\"\"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument('name')
        parser.add_argument('--status', type=int)

    def handle(self, options):
        print('hello', options.name)
        return options.status


class FailCommand(BaseCommand):
    help = 'Fail as expected.'

    def handle(self, options):
        raise CommandError('it went wrong')


class BugCommand(BaseCommand):
    name = 'has-bug'

    def handle(self, options):
        raise KeyError('bug')


class AsyncCommand(BaseCommand):
    async def handle(self, options):
        from shop.models import Item

        Item.create_table()
        await asyncio.sleep(0)
        Item.create(name='x')
        print(Item.select().count())


class AsyncFailCommand(BaseCommand):
    async def handle(self, options):
        await asyncio.sleep(0)
        raise CommandError('it went wrong later')


class NoTableCommand(BaseCommand):
    async def handle(self, options):
        from shop.models import Item

        print(Item.select().count())


class TalkCommand(BaseCommand):
    def handle(self, options):
        for number in range(100_000):
            print(number)


class SleepCommand(BaseCommand):
    async def handle(self, options):
        print('sleeping', flush=True)
        try:
            await asyncio.sleep(60)
        finally:
            print('woken', flush=True)


class MigrateCommand(BaseCommand):
    help = 'Our own.'

    def handle(self, options):
        print('our own')
"""
BUILTIN = {
    'dbshell',
    'dumpdata',
    'flush',
    'inspectdb',
    'loaddata',
    'makemigrations',
    'migrate',
    'runserver',
    'shell',
    'showmigrations',
    'sqlmigrate',
    'test',
}


@pytest.fixture
def commands(shop):
    shop.write(commands=COMMANDS)
    return shop


def listed(text):
    lines = text.partition('Commands:\n')[2].partition('\n\n')[0].splitlines()
    return dict(line.strip().split(maxsplit=1) if ' ' in line.strip() else (line.strip(), '') for line in lines)


@pytest.mark.parametrize('arguments', [[], ['--help'], ['-h'], ['help']])
def test_overview(shop, arguments):
    status, output, errors = shop.run(*arguments)
    assert (status, errors) == (0, '')
    commands = listed(output)
    assert set(commands) >= BUILTIN
    assert all(commands.values())


def test_overview_with_own_commands(commands):
    found = listed(commands.run()[1])
    assert set(found) >= BUILTIN | {'greet', 'fail', 'has-bug', 'async', 'asyncfail', 'notable', 'talk', 'sleep'}
    assert (found['greet'], found['fail'], found['migrate']) == ('Say hello', 'Fail as expected', 'Our own')


@pytest.mark.parametrize(
    ('name', 'suggestion'), [('migrat', "; did you mean 'migrate'?"), ('runsever', 'runserver'), ('xyzzy', "'xyzzy'")]
)
def test_unknown_command(shop, name, suggestion):
    status, output, errors = shop.run(name)
    assert (status, output) == (2, '')
    first = errors.splitlines()[0]
    assert first.startswith(f"manage.py: there is no command '{name}'")
    assert suggestion in first
    assert set(listed(errors)) >= BUILTIN


def test_own_commands(commands):
    assert commands.run('greet', 'you') == (0, 'hello you\n', '')
    assert commands.run('greet', 'you', '--status', '7')[0] == 7
    assert commands.run('migrate') == (0, 'our own\n', '')
    assert commands.run('async') == (0, '1\n', '')
    status, _, errors = commands.run('greet')
    assert status == 2
    assert 'usage: manage.py greet' in errors
    assert 'Say hello' in commands.run('greet', '--help')[1]


@pytest.mark.parametrize(
    ('name', 'message'),
    [('fail', 'it went wrong'), ('asyncfail', 'it went wrong later'), ('notable', 'no such table: item')],
)
def test_expected_errors(commands, name, message):
    assert commands.run(name) == (1, '', f'manage.py: {message}\n')
    for arguments in (('--traceback', name), (name, '--traceback')):
        status, _, errors = commands.run(*arguments)
        assert status == 1
        assert 'Traceback' in errors
        assert message in errors


def test_unexpected_errors_have_a_traceback(commands):
    status, _, errors = commands.run('has-bug')
    assert status == 1
    assert errors.endswith("KeyError: 'bug'\n")


@pytest.mark.parametrize(
    ('modules', 'message'),
    [
        ({'settings': 'PORT = "x"'}, "manage.py: PORT = 'x': must be a whole number, not str"),
        ({'settings': 'import nowhere'}, "manage.py: shop.settings cannot be imported: No module named 'nowhere'"),
        ({'commands': 'import nowhere'}, "manage.py: shop.commands cannot be imported: No module named 'nowhere'"),
        (
            {'manage': 'from colibris.commands import main; raise SystemExit(main("nowhere"))'},
            'manage.py: nowhere cannot be',
        ),
    ],
)
def test_wrong_projects(shop, modules, message):
    shop.write(**modules)
    status, output, errors = shop.run('shell', '-c', 'pass')
    assert (status, output, len(errors.splitlines())) == (1, '', 1)
    assert errors.startswith(message)


@pytest.mark.parametrize('command', ['talk', 'greet'])
def test_reader_that_goes_away(commands, command):
    process = commands.start(command, *(['x'] if command == 'greet' else []))
    process.stdout.close()
    assert process.stderr.read() == ''
    assert process.wait(30) in (0, 1)
    process.stderr.close()


def test_interrupt(commands):
    with commands.start('sleep') as process:
        assert process.stdout.readline() == 'sleeping\n'
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30) == ('woken\n', '')
    assert process.returncode == 130


def test_works_from_any_directory(shop, tmp_path_factory):
    process = subprocess.run(
        [os.sys.executable, str(shop.package / 'manage.py'), 'shell', '-c', 'print(settings.PROJECT_PACKAGE_NAME)'],
        cwd=tmp_path_factory.mktemp('elsewhere'),
        env=shop.environment(),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert process.stdout == 'shop\n'


def test_shell_runs_code(shop):
    code = 'Item.create_table(); Item.create(name="x"); print(Item.select().count(), settings.PORT, persist.__name__)'
    assert shop.run('shell', '-c', code) == (0, '1 8888 colibris.persist\n', '')
    status, _, errors = shop.run('shell', '-c', '1 +')
    assert status == 1
    assert 'SyntaxError' in errors


def test_shell_reads_standard_input(shop):
    with shop.start('shell', stdin=subprocess.PIPE) as process:
        output, _ = process.communicate('print("seen", Item.__name__)\n', timeout=30)
    assert process.returncode == 0
    assert 'seen Item' in output


def test_shell_without_a_database(shop):
    shop.write(settings='')
    assert shop.run('shell', '-c', 'print("Item" in globals())') == (0, 'False\n', '')


@pytest.mark.parametrize(
    'arguments',
    [
        [],
        ['shell', '-c', 'pass'],
        ['makemigrations'],
        ['migrate'],
        ['test', '--version'],
    ],
    ids=' '.join,
)
def test_commands_import_nothing_that_serves(shop, arguments):
    (shop.package / 'migrations').mkdir()
    assert not shop.imported(*arguments) & SERVING


def test_runserver_imports_only_the_backends_that_are_set(shop):
    imported = shop.imported('runserver', '--no-reload', '--host', 'nowhere.invalid') & SERVING
    assert imported <= {'aiohttp', 'webargs'}
    assert 'aiohttp' in imported
