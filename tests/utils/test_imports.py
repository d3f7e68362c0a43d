import pytest

from colibris.errors import ConfigurationError
from colibris.utils.imports import ImportStringError, import_string


def test_finds_the_object():
    assert import_string('colibris.utils.imports.import_string') is import_string
    assert import_string('pathlib.Path').__name__ == 'Path'


@pytest.mark.parametrize(
    ('path', 'message'),
    [
        ('', "'' is no dotted path; it has to look like package.module.Class"),
        ('name', "'name' is no dotted path; it has to look like package.module.Class"),
        ('.relative.Class', "'.relative.Class' is no dotted path; it has to look like package.module.Class"),
        ('package.', "'package.' is no dotted path; it has to look like package.module.Class"),
        ('surely.missing.Class', "there is no module 'surely.missing' (from 'surely.missing.Class')"),
        ('colibris.missing.Class', "there is no module 'colibris.missing' (from 'colibris.missing.Class')"),
        ('colibris.errors.Missing', "module 'colibris.errors' has no 'Missing'"),
    ],
)
def test_says_which_part_is_wrong(path, message):
    with pytest.raises(ImportStringError) as caught:
        import_string(path)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('import surely_missing', "No module named 'surely_missing'"),
        ('from colibris.errors import missing', "ImportError: cannot import name 'missing' from 'colibris.errors'"),
        ('1 / 0', 'ZeroDivisionError: division by zero'),
        ('def (', 'SyntaxError: '),
    ],
)
def test_module_that_cannot_be_imported(write_project, text, message):
    name = write_project(broken=text)
    with pytest.raises(ImportStringError) as caught:
        import_string(f'{name}.broken.Class')
    assert str(caught.value).startswith(f"'{name}.broken' cannot be imported: {message}")
    assert '\n' not in str(caught.value)


def test_module_that_says_what_is_wrong_with_it(write_project):
    name = write_project(broken="from colibris.errors import *\nraise ConfigurationError('install it')")
    with pytest.raises(ConfigurationError, match=r'^install it$'):
        import_string(f'{name}.broken.Class')
