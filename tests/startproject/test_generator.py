import os
import stat

import pytest

from colibris.startproject.errors import StartProjectError
from colibris.startproject.generator import generate

PLACEHOLDERS = {'__packagename__': 'myproject', '__projectname__': 'my-project'}


@pytest.fixture
def target(place):
    return place / 'my-project'


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_placeholders_in_contents_and_names(template, target):
    (template / 'docs' / '__projectname__').mkdir(parents=True)
    (template / 'docs' / '__projectname__' / 'about-__packagename__.txt').write_text('__projectname__ __other__\n')

    generate(template, target, PLACEHOLDERS)

    assert (target / 'myproject' / '__init__.py').read_text() == "NAMES = 'myproject', 'my-project'\n"
    assert (target / 'docs' / 'my-project' / 'about-myproject.txt').read_text() == 'my-project __other__\n'


def test_values_are_not_filled_in_again(template, target):
    generate(template, target, {'__packagename__': 'x__projectname__', '__projectname__': 'y__packagename__'})

    content = (target / 'x__projectname__' / '__init__.py').read_text()
    assert content == "NAMES = 'x__projectname__', 'y__packagename__'\n"


@pytest.mark.parametrize('content', [b'\x89PNG\xff __packagename__', b'__packagename__\xfe', b'\xff\xfe_\x00'])
def test_binary_files_are_copied_as_they_are(template, target, content):
    (template / 'logo.png').write_bytes(content)

    generate(template, target, PLACEHOLDERS)

    assert (target / 'logo.png').read_bytes() == content


@pytest.mark.parametrize('content', [b'', b'a\r\nb', b'\xef\xbb\xbfa', b'a\r\r\n'])
def test_texts_keep_their_bytes(template, target, content):
    (template / 'text').write_bytes(content)

    generate(template, target, PLACEHOLDERS)

    assert (target / 'text').read_bytes() == content


def test_leftovers_are_not_copied(template, target):
    for name in ('.git', '__packagename__/__pycache__', '.ruff_cache'):
        (template / name).mkdir()
        (template / name / 'file').write_text('')
    (template / '__packagename__' / 'models.pyc').write_bytes(b'')
    (template / '.gitignore').write_text('*.pyc\n')

    generate(template, target, PLACEHOLDERS)

    copied = {str(path.relative_to(target)) for path in target.rglob('*')}
    assert copied == {'.env', '.gitignore', 'myproject', 'myproject/__init__.py'}


def test_permissions(template, target):
    for name, mode in {'run': 0o755, 'mine': 0o700, 'plain': 0o644, 'read-only': 0o444}.items():
        (template / name).write_text('')
        (template / name).chmod(mode)
    template.chmod(0o555)

    before = os.umask(0o027)
    try:
        generate(template, target, PLACEHOLDERS)
    finally:
        os.umask(before)
        template.chmod(0o755)

    modes = {name: mode_of(target / name) for name in ('run', 'mine', 'plain', 'read-only', 'myproject', '')}
    assert modes == {'run': 0o750, 'mine': 0o750, 'plain': 0o640, 'read-only': 0o640, 'myproject': 0o750, '': 0o750}


def test_env_has_a_fresh_secret_key(template, target, place):
    other = place / 'other'
    generate(template, target, PLACEHOLDERS)
    generate(template, other, PLACEHOLDERS)

    lines = (target / '.env').read_text().splitlines()
    [key] = [line.removeprefix('SECRET_KEY=') for line in lines if line.startswith('SECRET_KEY=')]
    assert len(key) == 64
    assert mode_of(target / '.env') == 0o600
    assert (other / '.env').read_text() != (target / '.env').read_text()


def test_env_of_the_template(template, target):
    (template / '.env').write_text('NAME=__projectname__\n')

    generate(template, target, PLACEHOLDERS)

    assert (target / '.env').read_text() == 'NAME=my-project\n'
    assert mode_of(target / '.env') == 0o600


def test_links_within_the_template(template, target):
    (template / 'package').symlink_to('__packagename__')
    (template / '__packagename__' / 'again.py').symlink_to('../package/__init__.py')
    (template / 'broken').symlink_to('missing')

    generate(template, target, PLACEHOLDERS)

    assert os.readlink(target / 'package') == 'myproject'
    assert (target / 'myproject' / 'again.py').read_text() == (target / 'myproject' / '__init__.py').read_text()
    assert os.readlink(target / 'broken') == 'missing'


@pytest.mark.parametrize('link', ['/etc/passwd', '..', '../template/file', '../../x', 'package/../../x', '//etc'])
def test_links_out_of_the_template(template, target, place, link):
    (template / 'file').write_text('')
    (template / 'a' / 'b').mkdir(parents=True)
    (template / 'package').symlink_to('a/b')
    (template / 'link').symlink_to(link)

    with pytest.raises(StartProjectError, match='leads out of it'):
        generate(template, target, PLACEHOLDERS)
    assert os.listdir(place) == []


def test_link_that_leads_out_by_another(template, target, place):
    (template / 'here').symlink_to('.')
    (template / 'a').mkdir()
    (template / 'a' / 'out').symlink_to('../here/../outside')

    with pytest.raises(StartProjectError, match='leads out of it'):
        generate(template, target, PLACEHOLDERS)
    assert os.listdir(place) == []


def test_special_file(template, target, place):
    os.mkfifo(template / 'pipe')

    with pytest.raises(StartProjectError, match='pipe, which is neither'):
        generate(template, target, PLACEHOLDERS)
    assert os.listdir(place) == []


def test_two_files_of_one_name(template, target, place):
    (template / 'myproject').mkdir()

    with pytest.raises(FileExistsError):
        generate(template, target, PLACEHOLDERS)
    assert os.listdir(place) == []


def test_nothing_is_written_through_a_link(template, target, tmp_path, place):
    outside = tmp_path / 'outside'
    outside.mkdir()
    (template / 'myproject').symlink_to('broken')

    with pytest.raises(FileExistsError):
        generate(template, target, PLACEHOLDERS)
    assert os.listdir(outside) == os.listdir(place) == []


def test_target_within_the_template(template):
    with pytest.raises(StartProjectError, match='inside of its own template'):
        generate(template, template / 'my-project', PLACEHOLDERS)
    assert sorted(os.listdir(template)) == ['__packagename__']


@pytest.mark.parametrize('kind', ['directory', 'file', 'link'])
def test_existing_target(template, target, place, kind):
    make = {'directory': target.mkdir, 'file': target.touch, 'link': lambda: target.symlink_to('missing')}
    make[kind]()

    with pytest.raises(StartProjectError, match='exists already'):
        generate(template, target, PLACEHOLDERS)
    assert os.listdir(place) == ['my-project']


def test_interrupted(template, target, place, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr('colibris.startproject.generator.add_environment', interrupt)
    with pytest.raises(KeyboardInterrupt):
        generate(template, target, PLACEHOLDERS)
    assert os.listdir(place) == []
