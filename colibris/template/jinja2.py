"""Jinja2 templates."""

import asyncio
import gettext
import importlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from colibris import bridge
from colibris.conf import settings
from colibris.errors import ConfigurationError, MissingDependencyError
from colibris.template.base import TemplateBackend
from colibris.template.catalogs import Catalogs
from colibris.template.errors import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedVariable
from colibris.utils.imports import ImportStringError, import_string

try:
    import jinja2
    from jinja2.ext import Extension
except ImportError as exc:
    raise MissingDependencyError('jinja2', 'jinja2') from exc

__all__ = ['Jinja2Backend']

MARKUP = [
    kind + suffix for kind in ('html', 'htm', 'xhtml', 'xml', 'svg') for suffix in ('', '.j2', '.jinja', '.jinja2')
]
MAX_STRINGS = 256
SOURCE = '<template>'
SLICE_SECONDS = 0.01


class _Loader(jinja2.FileSystemLoader):
    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError as exc:
            line = exc.object.count(b'\n', 0, exc.start) + 1
            raise jinja2.TemplateSyntaxError('the file is not UTF-8', line, filename=template) from exc


class Jinja2Backend(TemplateBackend):
    """Renders Jinja2 templates, which are compiled once.

    In ``DEBUG`` changed files are read anew, and undefined variables are errors. A long rendering lets other tasks of
    the event loop run in between.

    :param extensions: Jinja2 extensions, as dotted paths or classes.
    :param translations: ``'gettext'``: messages are translated by the catalogs in the folder ``locale`` of the
        project's package. Otherwise the dotted path of an object whose functions ``gettext``, ``ngettext`` and, if it
        has them, ``pgettext`` and ``npgettext`` translate. ``None``: templates cannot be translated.
    :param paths: folders to search after the project's own; relative ones are below the project's package.
    :param default_locale: the locale of the messages in templates and code.
    """

    def __init__(
        self,
        *,
        extensions: Sequence[str | type] = (),
        translations: str | None = None,
        paths: Sequence[str | Path] = (),
        default_locale: str = 'en',
    ) -> None:
        package = Path(settings.PROJECT_PACKAGE_DIR)
        self._folders = [package / 'templates', *_read_paths(paths, package)]
        self._catalogs = Catalogs(package / 'locale', default_locale) if translations == gettext.__name__ else None
        self._translations = self._catalogs or _import_translations(translations)
        self.environment = self._make_environment(
            [_read_extension(item) for item in _read_list('extensions', extensions)]
        )
        self._compile = lru_cache(MAX_STRINGS)(self.environment.from_string)

    @property
    def folders(self) -> list[Path]:
        """Where templates are searched for, in this order."""
        return self._folders

    @property
    def extensions(self) -> list[str]:
        """The extensions in use, as dotted paths."""
        return list(self.environment.extensions)

    def render(self, name: str, context: Mapping[str, Any]) -> str:
        """The text that a template file makes of ``context``."""
        with self._located_errors():
            return _render(self.environment.get_template(name), context)

    def render_string(self, source: str, context: Mapping[str, Any]) -> str:
        """The text that the template ``source`` makes of ``context``."""
        with self._located_errors():
            return _render(self._compile(source), context)

    def exists(self, name: str) -> bool:
        """Whether there is a template file of this name."""
        try:
            self._loader.get_source(self.environment, name)
        except jinja2.TemplateNotFound:
            return False
        except jinja2.TemplateSyntaxError:
            pass
        return True

    def locales(self) -> tuple[str, ...]:
        """The locales of the catalogs."""
        return self._catalogs.locales if self._catalogs else ()

    def gettext(self, message: str) -> str:
        """``message``, translated."""
        return str(self._translations.gettext(message)) if self._translations else message

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The form that ``number`` needs, translated."""
        if self._translations:
            return str(self._translations.ngettext(singular, plural, number))
        return super().ngettext(singular, plural, number)

    def _make_environment(self, extensions: Sequence[type[Extension]]) -> jinja2.Environment:
        self._loader = _Loader(self._folders)
        environment = jinja2.Environment(
            loader=self._loader,
            autoescape=jinja2.select_autoescape(MARKUP, default_for_string=True),
            undefined=jinja2.StrictUndefined if settings.DEBUG else jinja2.Undefined,
            auto_reload=settings.DEBUG,
            cache_size=-1,
            extensions=extensions,
        )
        if self._translations:
            _install_translations(environment, self._translations)
        return environment

    @contextmanager
    def _located_errors(self) -> Iterator[None]:
        """Turn Jinja2's errors into colibris', which say where."""
        try:
            yield
        except jinja2.TemplateSyntaxError as exc:
            raise TemplateSyntaxError(f'{_place(exc.filename, exc.lineno)}: {exc.message}') from exc
        except jinja2.TemplateNotFound as exc:
            raise TemplateNotFound(f'{self._where(exc)}{self._describe_missing(exc)}') from exc
        except jinja2.UndefinedError as exc:
            raise UndefinedVariable(f'{self._where(exc)}{exc.message}') from exc
        except jinja2.TemplateError as exc:
            raise TemplateError(f'{self._where(exc)}{exc.message}') from exc

    def _where(self, error: Exception) -> str:
        """The innermost place in a template that a traceback passes, ready to be put before a message."""
        place, traceback = '', error.__traceback__
        while traceback is not None:
            filename = traceback.tb_frame.f_code.co_filename
            if filename == SOURCE or any(Path(filename).is_relative_to(folder) for folder in self._folders):
                place = f'{_place(filename, traceback.tb_lineno)}: '
            traceback = traceback.tb_next
        return place

    def _describe_missing(self, error: jinja2.TemplateNotFound) -> str:
        names = error.templates if isinstance(error, jinja2.TemplatesNotFound) else [error.name]
        found = ' or '.join(repr(str(name)) for name in names)
        return f'there is no template {found} in {", ".join(map(str, self._folders))}'


def _render(template: jinja2.Template, context: Mapping[str, Any]) -> str:
    return ''.join(_in_slices(template.generate(context)))


def _in_slices(parts: Iterable[str]) -> Iterator[str]:
    """The parts, with a pause for the event loop's other tasks after each slice of time."""
    end = time.monotonic() + SLICE_SECONDS
    for part in parts:
        yield part
        if time.monotonic() > end:
            if bridge.is_driven():
                bridge.wait(asyncio.sleep(0))
            end = time.monotonic() + SLICE_SECONDS


def _place(filename: str | None, line: int) -> str:
    return f'{filename}, line {line}' if filename and filename != SOURCE else f'template text, line {line}'


def _read_list(name: str, value: Sequence[Any]) -> Sequence[Any]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ConfigurationError(f'{name!r} must be a list, not {value!r}')
    return value


def _read_paths(paths: Sequence[str | Path], package: Path) -> list[Path]:
    folders = [Path(os.path.normpath(package / path)) for path in _read_list('paths', paths)]
    missing = ', '.join(str(folder) for folder in folders if not folder.is_dir())
    if missing:
        raise ConfigurationError(f"'paths' names what is no folder: {missing}")
    return folders


def _read_extension(extension: Any) -> type[Extension]:
    found = import_string(extension) if isinstance(extension, str) else extension
    if not (isinstance(found, type) and issubclass(found, Extension)):
        raise ConfigurationError(f"'extensions' holds {extension!r}, which is no Jinja2 extension")
    return found


def _import_translations(path: str | None) -> Any:
    if path is None:
        return None
    found = _import_object(path)
    if not (callable(getattr(found, 'gettext', None)) and callable(getattr(found, 'ngettext', None))):
        raise ConfigurationError(f"'translations' names {path!r}, which has no functions gettext and ngettext")
    return found


def _import_object(path: str) -> Any:
    """A module, or what else a dotted path leads to."""
    try:
        return importlib.import_module(path)
    except ImportError:
        try:
            return import_string(path)
        except ImportStringError as exc:
            raise ConfigurationError(f"'translations' names {path!r}, which cannot be imported: {exc}") from exc


def _install_translations(environment: jinja2.Environment, translations: Any) -> None:
    environment.policies['ext.i18n.trimmed'] = True
    environment.add_extension('jinja2.ext.i18n')
    names = ('gettext', 'ngettext', 'pgettext', 'npgettext')
    functions = {name: getattr(translations, name, None) for name in names}
    install: Any = environment.install_gettext_callables  # type: ignore[attr-defined]  # the extension adds it
    install(functions.pop('gettext'), functions.pop('ngettext'), newstyle=True, **functions)
