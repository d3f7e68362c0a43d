import sys

import pytest

from colibris.startproject.errors import StartProjectError
from colibris.startproject.names import package_name_of


@pytest.mark.parametrize(
    ('project', 'package'),
    [
        ('my-project', 'myproject'),
        ('myproject', 'myproject'),
        ('My.Project', 'myproject'),
        ('my_project-2', 'my_project2'),
        ('x', 'x'),
    ],
)
def test_package_name(project, package):
    assert package_name_of(project) == package


@pytest.mark.parametrize(
    'project',
    [
        '', '.', '..', '-', '_', '-x', 'x-', '.hidden', 'my project', 'a/b', 'a\\b', '/tmp/x', 'x/', 'prøject', 'x\n',
        "x'y", 'x"y', '$x', 'x;y', '{x}', 'x\x00', '\udcff',
    ],
)  # fmt: skip
def test_unusual_project_name(project):
    with pytest.raises(StartProjectError, match='is no project name'):
        package_name_of(project)


@pytest.mark.parametrize('project', ['3d', '2', 'class', 'Class', 'async', 'im-port'])
def test_no_identifier(project):
    with pytest.raises(StartProjectError, match='Python does not accept'):
        package_name_of(project)


@pytest.mark.parametrize('project', ['json', 'JSON', 'j-son', 'test', 'sys', 'colibris', 'aiohttp', 'peewee', 'pip'])
def test_shadowing(project):
    with pytest.raises(StartProjectError, match='would hide a module'):
        package_name_of(project)


def test_nothing_is_imported_to_find_out(tmp_path, monkeypatch):
    (tmp_path / 'explosive.py').write_text('raise SystemExit')
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(StartProjectError, match='would hide a module'):
        package_name_of('explosive')
    assert 'explosive' not in sys.modules
