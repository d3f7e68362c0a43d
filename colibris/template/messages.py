"""The messages of a project, for translators: from the source into ``.po`` files, and from those into ``.mo`` files."""

import os
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from colibris.errors import MissingDependencyError
from colibris.template.catalogs import DOMAIN
from colibris.template.errors import TemplateError
from colibris.utils.files import write_whole

try:
    from babel import Locale, UnknownLocaleError
    from babel.messages import Catalog, Message
    from babel.messages.extract import DEFAULT_KEYWORDS, extract
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po, write_po
except ImportError as exc:
    raise MissingDependencyError('babel', 'jinja2') from exc

__all__ = ['CatalogFile', 'MessageError', 'extract_messages']

COMMENT_TAG = 'Translators:'
LINE_WIDTH = 100
SKIPPED = ('__pycache__', 'locale', 'tests')


class MessageError(TemplateError):
    """A file with messages cannot be used."""


def extract_messages(package: Path, folders: Iterable[Path], extensions: Iterable[str]) -> Catalog:
    """The messages in the Python files of ``package`` and in the templates of ``folders``, by their places.

    :param extensions: the dotted paths of the extensions of Jinja2 that the templates use.
    :raises MessageError: a file is not well formed.
    """
    catalog = Catalog(project=package.name)
    options = {'silent': 'false', 'trimmed': 'true', 'extensions': ','.join(extensions)}
    templates = {path for folder in folders for path in _files(folder)}
    for path in sorted(templates):
        _add(catalog, 'jinja2.ext:babel_extract', path, package.parent, options)
    for path in sorted(set(_files(package)) - templates):
        if path.suffix == '.py':
            _add(catalog, 'python', path, package.parent, {})
    return catalog


class CatalogFile:
    """The translations into one locale, ``locale/<locale>/LC_MESSAGES/messages.po``.

    :raises MessageError: there is no such locale.
    """

    def __init__(self, directory: Path, locale: str) -> None:
        try:
            self.locale = Locale.parse(locale)
        except (ValueError, UnknownLocaleError) as exc:
            raise MessageError(f"there is no locale '{locale}'; names look like 'de' or 'pt_BR'") from exc
        self.path = directory / str(self.locale) / 'LC_MESSAGES' / f'{DOMAIN}.po'

    @classmethod
    def all(cls, directory: Path) -> list['CatalogFile']:
        """Those that exist."""
        return [cls(directory, path.parts[-3]) for path in sorted(directory.glob(f'*/LC_MESSAGES/{DOMAIN}.po'))]

    def update(self, messages: Catalog) -> None:
        """Add what is new in ``messages``, and mark what is gone as obsolete; translations are kept.

        :raises MessageError: the file is there, but not well formed.
        """
        catalog = self._read() if self.path.exists() else Catalog(locale=self.locale, project=messages.project)
        catalog.update(messages, update_creation_date=False)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = BytesIO()
        write_po(file, catalog, width=LINE_WIDTH, sort_by_file=True)
        write_whole(self.path, file.getvalue())

    def compile(self, *, with_fuzzy: bool = False) -> tuple[int, int]:
        """Write the ``.mo`` file.

        :param with_fuzzy: also translations that somebody should look at first.
        :returns: how many messages are translated, and how many there are.
        :raises MessageError: the file is not well formed, or a translation does not fit its message.
        """
        catalog = self._read()
        self._check(catalog)
        file = BytesIO()
        write_mo(file, catalog, use_fuzzy=with_fuzzy)
        write_whole(self.path.with_suffix('.mo'), file.getvalue())
        messages = [message for message in catalog if message.id]
        return sum(_is_translated(message, with_fuzzy) for message in messages), len(messages)

    def _read(self) -> Catalog:
        try:
            with self.path.open('rb') as file:
                return read_po(file, locale=self.locale, abort_invalid=True)
        except PoFileError as exc:
            raise MessageError(f'{self.path}, line {exc.lineno}: {exc}') from exc
        except (OSError, ValueError) as exc:
            raise MessageError(f'{self.path} cannot be read: {exc}') from exc

    def _check(self, catalog: Catalog) -> None:
        problems = [
            f'{self.path}, line {message.lineno}: {error}' for message, errors in catalog.check() for error in errors
        ]
        if problems:
            raise MessageError('\n'.join(problems))


def _is_translated(message: Message, with_fuzzy: bool) -> bool:
    texts = message.string if isinstance(message.string, list | tuple) else [message.string]
    return all(texts) and (with_fuzzy or not message.fuzzy)


def _files(folder: Path) -> Iterator[Path]:
    for directory, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith('.') and name not in SKIPPED]
        yield from (Path(directory, name) for name in names if not name.startswith('.'))


def _add(catalog: Catalog, method: str, path: Path, root: Path, options: dict[str, str]) -> None:
    data = path.read_bytes()
    if not _is_text(data):
        return
    name = Path(os.path.relpath(path, root)).as_posix()
    try:
        found = list(extract(method, BytesIO(data), DEFAULT_KEYWORDS, [COMMENT_TAG], options, strip_comment_tags=True))
    except Exception as exc:  # whatever the parser of this kind of file finds wrong
        raise MessageError(f'{name}, line {getattr(exc, "lineno", 1)}: {exc}') from exc
    for line, message, comments, context in found:
        catalog.add(message, None, [(name, line)], auto_comments=comments, context=context)


def _is_text(data: bytes) -> bool:
    try:
        return '\0' not in data.decode()
    except UnicodeDecodeError:
        return False
