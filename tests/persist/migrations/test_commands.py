"""The commands, as people type them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODELS = """
from colibris import persist


class User(persist.Model):
    name = persist.CharField(max_length=64)
"""
AGE = '    age = persist.IntegerField()\n'


class Project:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.package = root / 'shop'
        self.package.mkdir()
        (self.package / '__init__.py').touch()
        self.models(MODELS)
        (self.package / 'settings.py').write_text(
            f'DATABASE = {{"backend": "colibris.persist.SQLiteBackend", "name": {str(root / "data" / "shop.db")!r}}}\n'
        )

    def models(self, source: str) -> None:
        (self.package / 'models.py').write_text(source)

    def run(self, *arguments: str) -> 'subprocess.CompletedProcess[str]':
        script = 'import sys; from colibris.commands import main; sys.exit(main("shop"))'
        return subprocess.run(
            [sys.executable, '-B', '-c', script, *arguments],
            capture_output=True,
            cwd=self.root,
            text=True,
            timeout=30,
            stdin=subprocess.DEVNULL,
            env={**os.environ, 'PYTHONPATH': str(self.root)},
        )

    def out(self, *arguments: str, status: int = 0) -> list[str]:
        done = self.run(*arguments)
        assert done.returncode == status, done
        assert not done.stderr, done
        return done.stdout.splitlines()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_from_nothing_to_an_up_to_date_database(project: Project) -> None:
    assert project.out('showmigrations') == ['There are no migrations.']
    assert project.out('makemigrations') == ['Wrote shop/migrations/0001_initial.py', '  create table user']
    assert project.out('makemigrations') == ['Nothing to write: the migrations describe the models.']
    assert not (project.root / 'data').exists()
    assert project.out('showmigrations') == ['[ ] 0001_initial']
    assert project.out('migrate', '--plan') == ['Apply 0001_initial', '  create table user']
    assert project.out('migrate') == ['Applying 0001_initial', '  create table user', 'Applied 0001_initial']
    assert project.out('migrate') == ['Nothing to migrate: the database is up to date.']
    assert project.out('showmigrations')[0].startswith('[X] 0001_initial  20')
    assert project.out('sqlmigrate', '1')[0].startswith('CREATE TABLE "user" (')
    assert project.out('sqlmigrate', '1', '--backwards') == ['DROP TABLE "user";']
    assert project.out('migrate', 'zero')[1] == '  drop table user (with 0 rows)'


def test_options_of_makemigrations(project: Project) -> None:
    assert project.out('makemigrations', '--check', status=1) == ['A migration is missing:', '  create table user']
    shown = project.out('makemigrations', '--dry-run')
    assert shown[0] == 'Would write shop/migrations/0001_initial.py'
    assert 'def up(schema):' in shown
    assert not (project.package / 'migrations').exists()
    project.out('makemigrations', 'First step')
    assert (project.package / 'migrations' / '0001_first_step.py').exists()
    assert project.out('makemigrations', '--check') == ['Nothing to write: the migrations describe the models.']
    assert project.out('makemigrations', '--empty') == ['Wrote shop/migrations/0002_custom.py']
    project.models(MODELS + AGE)
    assert project.out('makemigrations', '--check', status=1)[1] == '  add column user.age'
    failed = project.run('makemigrations')
    assert failed.returncode == 1
    assert '--default age=VALUE' in failed.stderr
    assert project.out('makemigrations', '--default', '18')[0] == 'Wrote shop/migrations/0003_add_user_age.py'
    project.models(MODELS + AGE.replace('age', 'years'))
    assert project.out('makemigrations', '--rename', 'age=years') == [
        'Wrote shop/migrations/0004_rename_user_age_to_years.py',
        '  rename column user.age to years',
    ]
    project.models(MODELS.replace('User', 'Account') + AGE.replace('age', 'years'))
    project.out('makemigrations', '--rename-table', 'user=account')
    assert project.out('migrate')[-1] == 'Applied 0005_rename_user_to_account'


def test_errors_are_one_clear_line(project: Project) -> None:
    project.out('makemigrations')
    project.out('migrate')
    path = project.package / 'migrations' / '0001_initial.py'
    path.write_text(path.read_text() + '# edited\n')
    failed = project.run('migrate')
    assert failed.returncode == 1
    assert '0001_initial.py was edited after it had been applied' in failed.stderr
    assert 'Traceback' not in failed.stderr
    assert project.out('migrate', '1', '--fake') == ['Accepted 0001_initial as it is now']


def test_migrate_mentions_changes_without_a_migration(project: Project) -> None:
    project.out('makemigrations')
    project.models(MODELS + AGE)
    assert project.out('migrate')[-1] == 'The models have changes that no migration describes: run makemigrations.'


def test_a_possible_rename_is_mentioned_before_a_value_is_asked_for(project: Project) -> None:
    project.out('makemigrations')
    project.models(MODELS.replace('name =', 'title ='))
    errors = project.run('makemigrations').stderr
    assert errors.index('--rename user.name=title') < errors.index('--default title=VALUE')
    assert 'nmae=title fits nothing' in project.run('makemigrations', '--rename', 'nmae=title').stderr
    assert project.out('makemigrations', '--rename', 'name=title')[-1] == '  rename column user.name to title'
