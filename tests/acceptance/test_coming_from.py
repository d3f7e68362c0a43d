"""The pages for those who come from elsewhere: what they say of colibris is executed, the rest at least compiles."""

import ast
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.conftest import Environment
from tests.acceptance.outside import REPOSITORY, run
from tests.acceptance.test_reference_app import APPLICATION
from tests.acceptance.tour import blocks_of, take_tour

PAGES = sorted((REPOSITORY / 'docs').glob('from-*.md'))
OLD_MIGRATION = """
def migrate(migrator, database, fake=False, **kwargs):
    pass
"""


@pytest.fixture
def old_project(environment: Environment, tmp_path: Path) -> Path:
    """A folder with a project written after the reference page, whose tables and migrations are from another time."""
    package = shutil.copytree(APPLICATION / 'yourproject', tmp_path / 'yourproject')
    manage_py = package / 'manage.py'
    manage_py.chmod(0o755)
    run(environment.python, manage_py, 'makemigrations', 'today', cwd=tmp_path)
    run(environment.python, manage_py, 'migrate', cwd=tmp_path)
    (package / 'migrations' / '0001_today.py').unlink()
    (package / 'migrations' / '001_initial.py').write_text(OLD_MIGRATION)
    with closing(sqlite3.connect(tmp_path / 'yourproject.db')) as database:
        database.execute('DROP TABLE colibris_migrations')
        database.execute("INSERT INTO model (name, price) VALUES ('a first one', 1)")
        database.commit()
    return tmp_path


def test_pages() -> None:
    assert [page.stem for page in PAGES] == ['from-colibris-0.8', 'from-django', 'from-fastapi']


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.stem)
def test_code_of_others_compiles(page: Path) -> None:
    found = [ast.parse(block.text) for block in blocks_of(page) if block.language == 'py']
    assert len(found) >= 3


@pytest.mark.parametrize('name', ['django', 'fastapi'])
def test_tour(name: str, environment: Environment, tmp_path: Path) -> None:
    take_tour(REPOSITORY / 'docs' / f'from-{name}.md', environment.path / 'bin', tmp_path).check()


def test_tour_of_an_old_project(environment: Environment, old_project: Path) -> None:
    take_tour(REPOSITORY / 'docs' / 'from-colibris-0.8.md', environment.path / 'bin', old_project).check()
