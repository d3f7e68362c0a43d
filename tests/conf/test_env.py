import os

import pytest

from colibris.conf.env import load_dotenv_files
from colibris.errors import ConfigurationError


@pytest.fixture
def place(clean_settings, tmp_path, monkeypatch):
    """A project root with a package, and a working directory beside it."""
    for name in ('A', 'B', 'C', 'D'):
        os.environ.pop(name, None)
    (tmp_path / 'root' / 'package').mkdir(parents=True)
    (tmp_path / 'work').mkdir()
    monkeypatch.chdir(tmp_path / 'work')
    return tmp_path


def load(place):
    load_dotenv_files(place / 'root' / 'package')
    return ''.join(os.environ.get(name, '-') for name in 'ABCD')


def test_precedence(place):
    os.environ['A'] = 'environment'
    (place / 'work' / '.env').write_text('A=1\nB=1\n')
    (place / 'root' / '.env').write_text('A=2\nB=2\nC=2\n')
    (place / 'root' / 'package' / '.env.default').write_text('A=3\nB=3\nC=3\nD=3\n')
    assert load(place) == 'environment123'


def test_none_is_needed(place):
    assert load(place) == '----'


def test_forms(place):
    (place / 'work' / '.env').write_text('# comment\nexport A="x y"\nB=\nC\nD=\'${A}\'\n')
    assert load(place) == 'x y-x y'


def test_an_empty_variable_of_the_environment_stays(place):
    os.environ['A'] = ''
    (place / 'work' / '.env').write_text('A=1\n')
    assert load(place) == '---'


def test_unreadable(place):
    (place / 'work' / '.env').write_bytes(b'A=\xff\n')
    with pytest.raises(ConfigurationError, match=r'^\.env cannot be read: .*utf-8'):
        load(place)
