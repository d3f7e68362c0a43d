import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from colibris.startproject.errors import StartProjectError
from colibris.startproject.template import default_template, open_template

GIT_IDENTITY = {
    f'GIT_{who}_{what}': value
    for who in ('AUTHOR', 'COMMITTER')
    for what, value in {'NAME': 'Tester', 'EMAIL': 'tester@example.com'}.items()
}


def git(directory, *arguments):
    subprocess.run(['git', *arguments], cwd=directory, check=True, capture_output=True, env=os.environ | GIT_IDENTITY)


@pytest.fixture
def repository(template, tmp_path):
    """A Git repository with a template: the tag `v1` and a newer commit on the main branch."""
    for version in ('1', '2'):
        (template / 'version').write_text(version)
        if version == '1':
            git(template, 'init', '--quiet')
        git(template, 'add', '.')
        git(template, 'commit', '--quiet', '--message', version)
        git(template, 'tag', f'v{version}')
    return template.rename(tmp_path / 'repository.git')


def fault(source, ref=None):
    with pytest.raises(StartProjectError) as caught, open_template(source, ref):
        pass
    return str(caught.value)


def test_default_template_of_a_checkout():
    with open_template() as directory:
        assert directory == default_template()
        assert (directory / '__packagename__' / 'manage.py').is_file()


def test_default_template_of_an_installed_package(tmp_path, monkeypatch):
    installed = tmp_path / 'site-packages' / 'colibris' / 'project_template'
    installed.mkdir(parents=True)
    (tmp_path / 'site-packages' / 'project_template').mkdir()
    monkeypatch.setattr('colibris.__file__', str(installed.parent / '__init__.py'))

    assert default_template() == installed


def test_default_template_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr('colibris.__file__', str(tmp_path / 'colibris' / '__init__.py'))

    assert 'no such template directory' in fault(None)


def test_directory(template):
    with open_template(str(template)) as directory:
        assert directory == template


@pytest.mark.parametrize('form', ['path', 'file URL'])
def test_git_repository(repository, form):
    source = str(repository) if form == 'path' else repository.as_uri()
    with open_template(source) as directory:
        assert (directory / 'version').read_text() == '2'
        assert (directory / '__packagename__').is_dir()
    assert not directory.exists()


def test_branch_or_tag(repository):
    with open_template(repository.as_uri(), 'v1') as directory:
        assert (directory / 'version').read_text() == '1'


def test_shallow(repository):
    with open_template(repository.as_uri()) as directory:
        assert (directory / '.git' / 'shallow').is_file()


def test_called_from_a_git_hook(repository, monkeypatch, tmp_path):
    monkeypatch.setenv('GIT_DIR', str(tmp_path / 'elsewhere'))
    monkeypatch.setenv('GIT_WORK_TREE', str(tmp_path / 'elsewhere'))
    with open_template(repository.as_uri()) as directory:
        assert (directory / 'version').read_text() == '2'
    assert not (tmp_path / 'elsewhere').exists()


@pytest.mark.parametrize('source', ['missing', '', '/dev/null', 'file\x00'])
def test_missing_directory(source):
    assert 'no such template directory' in fault(source)


def test_directory_without_placeholder(template):
    shutil.move(template / '__packagename__', template / 'package')
    assert 'holds no directory named __packagename__' in fault(str(template))


def test_placeholder_is_a_link(template):
    shutil.move(template / '__packagename__', template / 'package')
    (template / '__packagename__').symlink_to('package')
    assert 'holds no directory named __packagename__' in fault(str(template))


def test_repository_without_placeholder(repository):
    git(repository, 'mv', '__packagename__', 'package')
    git(repository, 'commit', '--quiet', '--message', 'broken')
    assert 'holds no directory named __packagename__' in fault(repository.as_uri())


def test_missing_repository(tmp_path):
    message = fault((tmp_path / 'missing').as_uri())
    assert re.match(r'git could not get the template: fatal: .*missing.*does not (appear|exist)', message)


def test_missing_reference(repository):
    assert 'v3 not found' in fault(repository.as_uri(), 'v3')


def test_reference_without_repository(template):
    assert '--template-ref needs' in fault(str(template), 'v1')
    assert '--template-ref needs' in fault(None, 'v1')


def test_options_of_git_cannot_be_passed(tmp_path):
    fault(f'--upload-pack=touch {tmp_path}/harm;://x')
    fault('file:///missing', f'x --upload-pack=touch {tmp_path}/harm')
    assert not (tmp_path / 'harm').exists()


def test_refused_by_ssh(monkeypatch):
    monkeypatch.setenv('GIT_SSH_COMMAND', 'echo "Permission denied (publickey)." >&2; false')
    assert 'Permission denied (publickey)' in fault('git@example.invalid:organization/template')


def test_git_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv('PATH', str(tmp_path))
    assert fault('file:///x.git') == 'git is not installed, but the template is a Git repository'


def test_credentials_are_not_shown(monkeypatch):
    message = fault('file://tester:s3cret@/missing')
    assert 'missing' in message
    assert 's3cret' not in message


def test_nothing_is_left_after_a_failed_clone(tmp_path, monkeypatch):
    temporary = tmp_path / 'temporary'
    temporary.mkdir()
    monkeypatch.setattr('tempfile.tempdir', str(temporary))
    fault('file:///missing')
    assert list(Path(temporary).iterdir()) == []
