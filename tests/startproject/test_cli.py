import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from colibris import __version__
from colibris.startproject import main
from tests.processes import Process

COMMAND = [sys.executable, '-c', 'import sys; from colibris.startproject import main; sys.exit(main())']


def fault(capsys, *arguments):
    """Run the command with arguments that it refuses and return the line that it prints."""
    before = sorted(os.listdir())
    try:
        status = main(arguments)
    except SystemExit as stop:
        status = stop.code
    output, errors = capsys.readouterr()
    assert (status, output) == (2, '')
    assert errors.count('\n') == 1
    assert errors.startswith('colibris-start-project: ')
    assert sorted(os.listdir()) == before
    return errors


def test_project_is_made(place, capsys, monkeypatch):
    monkeypatch.delenv('VIRTUAL_ENV', raising=False)
    assert main(['my-project']) == 0

    output, errors = capsys.readouterr()
    assert errors == ''
    steps = [line.strip() for line in output.splitlines()]
    assert steps == [
        'my-project is ready. What comes next:',
        '',
        'cd my-project',
        "python3 -m venv .venv && . .venv/bin/activate && pip install -e '.[test]'",
        './myproject/manage.py migrate',
        './myproject/manage.py adduser admin --role admin',
        './myproject/manage.py runserver',
    ]
    assert os.listdir(place) == ['my-project']
    assert (place / 'my-project' / 'myproject' / '__init__.py').is_file()


def test_virtual_environment_is_active(capsys, monkeypatch):
    monkeypatch.setenv('VIRTUAL_ENV', '/somewhere')
    assert main(['my-project']) == 0
    assert "    pip install -e '.[test]'\n" in capsys.readouterr().out


def test_own_template(template, place):
    assert main(['my-project', '--template', str(template)]) == 0
    assert (place / 'my-project' / 'myproject' / '__init__.py').read_text() == "NAMES = 'myproject', 'my-project'\n"


def test_placeholders(template, place):
    (template / 'file').write_text('__colibrisversion__ __secretkey__')
    assert main(['my-project', '--template', str(template)]) == 0
    version, key = (place / 'my-project' / 'file').read_text().split()
    assert version == __version__
    assert len(key) == 64


def test_version(capsys):
    with pytest.raises(SystemExit, match='0'):
        main(['--version'])
    assert capsys.readouterr().out == f'colibris {__version__}\n'


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        ([], 'the following arguments are required: name'),
        (['a', 'b'], 'unrecognized arguments: b'),
        (['--unknown', 'a'], 'unrecognized arguments: --unknown'),
        (['a', '--template'], 'expected one argument'),
        (['a/b'], 'is no project name'),
        (['a\nb'], 'is no project name'),
        (['3d'], 'Python does not accept'),
        (['json'], 'would hide a module'),
        (['my-project', '--template', 'missing\n'], 'no such template directory'),
        (['my-project', '--template', '.'], 'holds no directory named __packagename__'),
        (['my-project', '--template', 'file:///missing'], 'git could not get the template'),
        (['my-project', '--template-ref', 'v1'], '--template-ref needs'),
    ],
)
def test_fault(capsys, arguments, message):
    assert message in fault(capsys, *arguments)


@pytest.mark.parametrize(
    'make', [lambda path: path.mkdir(), lambda path: path.touch(), lambda path: path.symlink_to('x')]
)
def test_target_exists(place, capsys, make):
    make(place / 'my-project')
    assert 'my-project exists already' in fault(capsys, 'my-project')


def test_target_exists_is_noticed_before_the_template_is_fetched(place, capsys):
    (place / 'my-project').mkdir()
    assert 'exists already' in fault(capsys, 'my-project', '--template', 'file:///missing')


def test_working_directory_is_gone(place, capsys):
    place.rmdir()
    assert main(['my-project']) == 2
    assert 'No such file or directory' in capsys.readouterr().err


def test_no_permission(template, capsys, monkeypatch):
    with tempfile.TemporaryDirectory() as directory, monkeypatch.context() as patch:
        place = Path(directory)
        template = template.rename(place / 'template')
        patch.chdir(place)
        with unprivileged(place):
            assert 'Permission denied' in fault(capsys, 'my-project', '--template', str(template))


@contextmanager
def unprivileged(directory):
    """Nobody may write to the directory, and root's power to do so nevertheless is put down."""
    directory.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        directory.chmod(0o755)


def test_unreadable_template_file(template, capsys, monkeypatch):
    def refuse(path):
        raise PermissionError(13, 'Permission denied', str(path))

    monkeypatch.setattr('pathlib.Path.read_bytes', refuse)
    assert '__init__.py: Permission denied' in fault(capsys, 'my-project', '--template', str(template))


def test_disk_error(template, place):
    (template / 'large').write_text('x' * 20_000)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    result = run('my-project', '--template', str(template), preexec_fn=limit)

    assert (result.returncode, result.stdout) == (2, '')
    assert result.stderr == 'colibris-start-project: could not make my-project: File too large\n'
    assert os.listdir(place) == []


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_while_git_waits(place, tmp_path, number):
    """An SSH program that never answers stands for a slow network."""
    called, temporary = tmp_path / 'called', tmp_path / 'temporary'
    temporary.mkdir()
    environment = {'GIT_SSH_COMMAND': f'touch {called}; sleep 600 #', 'TMPDIR': str(temporary)}
    with start('my-project', '--template', 'git@example.invalid:template', env=os.environ | environment) as process:
        wait_for(called)
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)

    assert (process.returncode, output, errors) == (2, '', 'colibris-start-project: interrupted\n')
    assert os.listdir(place) == os.listdir(temporary) == []


def test_interrupted_while_copying(template, place):
    """Reading a large sparse file takes a while."""
    with (template / 'z-large').open('wb') as file:
        file.truncate(2**28)
    with start('my-project', '--template', str(template)) as process:
        wait_for(lambda: os.listdir(place))
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)

    assert (process.returncode, output, errors) == (2, '', 'colibris-start-project: interrupted\n')
    assert os.listdir(place) == []


def test_ignored_hangup_stays_ignored(place):
    result = run('my-project', preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert result.returncode == 0
    assert os.listdir(place) == ['my-project']


def test_signal_handlers_are_put_back():
    before = signal.getsignal(signal.SIGTERM)
    assert main(['my-project']) == 0
    assert signal.getsignal(signal.SIGTERM) is before


def test_env_is_private_from_the_first_moment(place):
    assert run('my-project', preexec_fn=lambda: os.umask(0)).returncode == 0
    assert stat.S_IMODE((place / 'my-project' / '.env').stat().st_mode) == 0o600


def test_starts_without_the_web_and_the_database():
    code = (
        'import sys, colibris.startproject; print({"aiohttp", "asyncio", "marshmallow", "peewee"} & set(sys.modules))'
    )
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert result.stdout == 'set()\n'


def start(*arguments, **options):
    return Process([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def run(*arguments, **options):
    with start(*arguments, **options) as process:
        output, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(arguments, process.returncode, output, errors)


def wait_for(what):
    condition = what if callable(what) else what.exists
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)
