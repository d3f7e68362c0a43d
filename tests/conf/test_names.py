import pytest

from colibris.conf import settings
from colibris.conf.names import find_misspelt
from colibris.errors import ConfigurationError

QUEUE = "{'backend': 'x.Y'}"


@pytest.mark.parametrize(('name', 'other'), [('TASK_QUEUE', 'TASKQUEUE'), ('TEMPLATE', 'TEMPLATES')])
def test_other_spellings(project, name, other):
    project(settings=f'{other} = {QUEUE}')
    assert getattr(settings, name) == {'backend': 'x.Y'}
    with pytest.raises(AttributeError):
        getattr(settings, other)


def test_both_spellings(project):
    with pytest.raises(ConfigurationError) as caught:
        project(settings='TASK_QUEUE = TASKQUEUE = {}\nTEMPLATE = TEMPLATES = {}')
    assert str(caught.value).splitlines() == [
        'TASKQUEUE is another name of TASK_QUEUE: keep one',
        'TEMPLATES is another name of TEMPLATE: keep one',
    ]


def test_a_wrong_value_is_told_by_the_documented_name(project):
    with pytest.raises(ConfigurationError, match=r'^TASK_QUEUE = 5: must be a dictionary'):
        project(settings='TASKQUEUE = 5')


@pytest.mark.parametrize(
    ('name', 'known'),
    [
        ('SECRETKEY', 'SECRET_KEY'),
        ('DATABASES', 'DATABASE'),
        ('PAGESIZE', 'PAGE_SIZE'),
        ('ALLOWED_HOST', 'ALLOWED_HOSTS'),
    ],
)
def test_misspelt_names(name, known):
    assert list(find_misspelt([name])) == [(name, known)]


@pytest.mark.parametrize('name', ['SECRET_KEY', 'LOAN_DAYS', 'PROJECT_PACKAGE_NAME', 'PROJECT_PACKAGE_DIR', 'X'])
def test_names_that_are_fine(name):
    assert list(find_misspelt([name])) == []
