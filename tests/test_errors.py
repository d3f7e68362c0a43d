import pytest

from colibris.errors import ColibrisError, ConfigurationError, MissingDependencyError, default_message


class Special(ColibrisError):
    """What is said by default.

    Not this.
    """


def test_the_docstring_is_the_default_message():
    assert str(Special()) == 'What is said by default.'
    assert str(Special('exact')) == 'exact'
    assert str(ConfigurationError()) == "The project's settings are not usable."


def test_without_docstring():
    assert default_message(type('Bare', (ColibrisError,), {'__doc__': None})) == 'Bare'


def test_missing_dependency_names_the_extra():
    error = MissingDependencyError('asyncpg', 'postgresql')
    assert str(error) == "asyncpg is not installed; install it with: pip install 'colibris[postgresql]'"
    with pytest.raises(ConfigurationError):
        raise error
