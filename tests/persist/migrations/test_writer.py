"""The files are what the linter and the formatter would leave alone."""

import subprocess
import sys
from pathlib import Path

import peewee
import pytest

from colibris.persist.migrations import MigrationFileError, draft
from colibris.persist.migrations.source import Call

from .test_changes import CHANGES
from .workbench import Workbench, make_model


@pytest.fixture(scope='module')
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of all kinds of changes."""
    root = tmp_path_factory.mktemp('written')
    for name, change in CHANGES.items():
        bench = Workbench.__new__(Workbench)
        bench.directory = root / name / 'migrations'
        bench.make(*change.before())
        bench.make(*change.after(), **change.answers)
    return root


@pytest.mark.parametrize(
    'arguments',
    [
        ('check', '--isolated'),
        (
            'check',
            '--isolated',
            '--select',
            'D2,D3,D4,I,Q,W,UP,E',
            '--ignore',
            'D203,D213',
            '--line-length',
            '120',
            '--config',
            'lint.flake8-quotes.inline-quotes="single"',
        ),
        ('format', '--check', '--isolated', '--line-length', '120', '--config', 'format.quote-style="single"'),
    ],
)
def test_ruff_is_content(written: Path, arguments: tuple[str, ...]) -> None:
    pytest.importorskip('ruff')
    done = subprocess.run(
        [sys.executable, '-m', 'ruff', *arguments, '--no-cache', '.'], cwd=written, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_file_reads_like_the_models(sqlite_bench: Workbench) -> None:
    user = make_model('User', name=peewee.CharField(max_length=64, unique=True))
    sqlite_bench.make(user)
    post = make_model(
        'Post',
        {'indexes': ((('owner', 'title'), True),)},
        title=peewee.CharField(),
        owner=peewee.ForeignKeyField(user, on_delete='CASCADE'),
    )
    drafted = draft([user, post], sqlite_bench.directory)
    assert drafted is not None
    assert (
        drafted.source
        == '''"""Create post and more."""

from colibris.persist import AutoField, CharField, ForeignKeyField


def up(schema):
    schema.create_table(
        'post',
        id=AutoField(),
        title=CharField(max_length=255),
        owner=ForeignKeyField('user', 'id', on_delete='CASCADE'),
    )
    schema.add_index('post', 'owner', 'title', unique=True)


def down(schema):
    schema.drop_table('post')
'''
    )


def test_file_is_never_overwritten(sqlite_bench: Workbench) -> None:
    drafted = draft([make_model('User', name=peewee.CharField())], sqlite_bench.directory)
    assert drafted is not None
    drafted.write()
    assert (sqlite_bench.directory / '__init__.py').exists()
    with pytest.raises(MigrationFileError, match='exists already'):
        drafted.write()


def test_names_are_made_fit(sqlite_bench: Workbench) -> None:
    drafted = draft([make_model('User')], sqlite_bench.directory, 'Add: "the" Üser!')
    assert drafted is not None
    assert drafted.path.name == '0001_add_the_üser.py'
    assert drafted.source.startswith('"""Add the üser."""\n')


def test_long_calls_are_broken_into_lines() -> None:
    inner = Call('Inner', [(None, 'x' * 100), ('key', 'y' * 20)])
    assert Call('outer', [(None, "'a'"), ('inner', inner)]).lines(4) == [
        '    outer(',
        "        'a',",
        '        inner=Inner(',
        f'            {"x" * 100},',
        f'            key={"y" * 20},',
        '        ),',
        '    )',
    ]
