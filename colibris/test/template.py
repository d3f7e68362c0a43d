"""What every template backend has to do, as tests; for people who write their own."""

import pytest

from colibris.template import TemplateBackend, TemplateNotFound, TemplateSyntaxError

__all__ = ['TemplateBackendContract']


class TemplateBackendContract:
    """Inherit it in a class whose name starts with ``Test``, and give it the fixture.

    The templates ``hello.txt`` and ``hello.html`` are to render the variable ``name``, and nothing else; ``broken.txt``
    is to be one that is not well formed.
    """

    @pytest.fixture
    def backend(self) -> TemplateBackend:
        """The backend."""
        raise NotImplementedError

    def test_text(self, backend: TemplateBackend) -> None:
        check(backend.render('hello.txt', {'name': 'Ünï <b>'}), 'Ünï <b>')

    def test_html_is_escaped(self, backend: TemplateBackend) -> None:
        check(backend.render('hello.html', {'name': '<b>'}), '&lt;b&gt;')

    def test_string(self, backend: TemplateBackend) -> None:
        check(backend.render_string('as it is', {}), 'as it is')

    def test_context_is_left_alone(self, backend: TemplateBackend) -> None:
        context = {'name': 'Ada'}
        backend.render('hello.txt', context)
        check(context, {'name': 'Ada'})

    def test_missing(self, backend: TemplateBackend) -> None:
        check([backend.exists(name) for name in ('hello.txt', 'broken.txt', 'absent.txt')], [True, True, False])
        with pytest.raises(TemplateNotFound, match=r'absent\.txt'):
            backend.render('absent.txt', {})

    def test_broken(self, backend: TemplateBackend) -> None:
        with pytest.raises(TemplateSyntaxError, match=r'broken\.txt'):
            backend.render('broken.txt', {})

    def test_locales(self, backend: TemplateBackend) -> None:
        check(all(isinstance(locale, str) for locale in backend.locales()), True)
        check(backend.gettext('no translation of this'), 'no translation of this')
        check([backend.ngettext('one', 'many', number) for number in (1, 2)], ['one', 'many'])


def check(found: object, expected: object) -> None:
    """Check that two things are equal.

    :raises AssertionError: they are not.
    """
    if found != expected:
        raise AssertionError(f'{found!r} instead of {expected!r}')
