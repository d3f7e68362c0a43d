"""The names of settings."""

from collections.abc import Iterator

from colibris.checks import Problem, register, warning
from colibris.conf import settings
from colibris.conf.names import find_misspelt

__all__ = ['check_names']


@register
def check_names() -> Iterator[Problem]:
    """Names that look like a setting's, but are not."""
    for name, known in find_misspelt(settings.names):
        yield warning('colibris.W001', f'colibris has no setting {name}', f'did you mean {known}?')
