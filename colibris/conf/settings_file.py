"""Settings from ``settings.yml``.

Each of its keys is overridden by the environment variable of the same name: ``PORT`` by ``PORT``, ``host`` in
``DATABASE`` by ``DATABASE_HOST``.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields

from colibris.conf.env import default_variables, read_variable
from colibris.conf.problems import report_problem
from colibris.conf.settings import mask
from colibris.conf.sources import sources
from colibris.errors import ConfigurationError, MissingDependencyError

try:
    import yaml
except ImportError:
    raise MissingDependencyError('PyYAML', 'yaml') from None

__all__ = ['merge_settings_file']

_NAME = re.compile('[A-Z][A-Z0-9_]*', re.ASCII)
_NO_PART_OF_A_NAME = re.compile('[^A-Z0-9]+', re.ASCII)
_FIELDS: dict[type, fields.Field[Any]] = {bool: fields.Boolean(), int: fields.Integer(), float: fields.Float()}
_QUOTING = re.compile(r'\b(alias|anchor|tag|base64)\b')  # problems whose text has a part of the value
_QUOTE_IT = "a value that begins with '*', '&' or '!' has to be quoted"


def merge_settings_file(path: Path, chosen: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings that ``settings.py`` has chosen, with those of the file over them.

    A dictionary of the file completes the one of ``settings.py``, unless it names another backend. What an environment
    variable has said there stays, except for the defaults of ``.env.default``. Problems of the file are reported, each
    with its line.
    """
    values, defaults, merged = _read(path), default_variables(), dict(chosen)
    variables = _Variables(values, {name: text for name, text in environ.items() if name not in defaults})
    for name, value in values.items():
        said = _entries_of(name, value, defaults)
        merged[name] = _merge(merged.get(name), variables.override(name, value), said)
        sources.note_place(name, str(path))
    return merged


class _Loader(yaml.SafeLoader):
    """Makes nothing but plain values, takes no key twice, and says in which line a value is malformed."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        known = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in known:
                raise yaml.MarkedYAMLError(problem=f'{key.value!r} is there twice', problem_mark=key.start_mark)
            known.add(str(key.value))
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as exc:  # a date such as 2026-02-30
            problem = 'there is no such number or date; a text has to be quoted'
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from exc


class _Variables:
    """The environment variables that override what the file says.

    :param values: the settings of the file.
    """

    def __init__(self, values: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known = {variable for name, value in values.items() for variable in _variables_of(name, value)}

    def override(self, setting: str, value: Any) -> Any:
        """A setting's value, or what its environment variables say."""
        if not isinstance(value, dict):
            return self._find(setting, None, setting, value)
        return {key: self._override(setting, key, _variable(setting, key), item) for key, item in value.items()}

    def _override(self, setting: str, entry: Any, variable: str, value: Any) -> Any:
        if not isinstance(value, dict):
            return self._find(setting, entry, variable, value)
        return {key: self._override(setting, entry, _variable(variable, key), item) for key, item in value.items()}

    def _find(self, setting: str, entry: Any, variable: str, value: Any) -> Any:
        text = None
        try:
            text = self._read(variable)
            if text is None or (not text and not isinstance(value, str)):
                return value
            found = _convert(text, value)
        except ConfigurationError as exc:
            report_problem(str(exc))
        except ValidationError as exc:
            report_problem(f'environment variable {variable} = {mask(variable, text)}: {" ".join(exc.messages)}')
        else:
            sources.note_variable(setting, variable, entry)
            return found
        return value

    def _read(self, variable: str) -> str | None:
        is_key = f'{variable}_FILE' in self._known
        return self._environ.get(variable) if is_key else read_variable(variable, self._environ)


def _read(path: Path) -> dict[str, Any]:
    """The settings of the file; none if there is something wrong with it, which is reported."""
    try:
        return _load(path)
    except yaml.YAMLError as exc:
        report_problem(_describe(path, exc))
    except (OSError, UnicodeDecodeError) as exc:
        report_problem(f'{path} cannot be read: {exc}')
    except RecursionError:
        report_problem(f'{path} cannot be read: its values are nested too deeply')
    return {}


def _load(path: Path) -> dict[str, Any]:
    loader = _Loader(path.read_text(encoding='utf-8'))
    loader.deep_construct = True  # so that nothing can hold itself
    try:
        node = loader.get_single_node()
        values = None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()
    if node is None or values is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        problem = "it has to hold settings, one a line: 'PORT: 8080'"
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
    for key, _ in node.value:
        if not _is_name(key.value):
            report_problem(f'{_place(path, key.start_mark)}: {key.value!r} is no setting: their names are upper-case')
    return {name: value for name, value in values.items() if _is_name(name)}


def _is_name(key: Any) -> bool:
    return isinstance(key, str) and _NAME.fullmatch(key) is not None


def _entries_of(setting: str, value: Any, defaults: Collection[str]) -> set[str | None]:
    """The entries that variables have said; those of ``.env.default`` give way to what the file says."""
    for variable, entry in sources.variables_of(setting).items():
        if variable in defaults and (entry is None or (isinstance(value, dict) and entry in value)):
            sources.forget_variable(setting, variable)
    return set(sources.variables_of(setting).values())


def _merge(before: Any, value: Any, said: Collection[str | None]) -> Any:
    """The value of the file over what was there before, of which environment variables have said some entries."""
    if None in said:
        return before
    if not isinstance(value, dict) or not isinstance(before, dict):
        return value
    of_variables = {key: before[key] for key in said if key in before}
    return {**({} if 'backend' in value else before), **value, **of_variables}


def _variables_of(variable: str, value: Any) -> Iterator[str]:
    yield variable
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _variables_of(_variable(variable, key), item)


def _variable(prefix: str, key: Any) -> str:
    return f'{prefix}_{_NO_PART_OF_A_NAME.sub("_", str(key).upper())}'


def _convert(text: str, value: Any) -> Any:
    """The text of a variable as a value of the kind that the file has.

    :raises ValidationError: it cannot be one.
    """
    if isinstance(value, list):
        return [_convert(item.strip(), value[0] if value else '') for item in text.split(',')]
    field = _FIELDS.get(type(value))
    return text if field is None else field.deserialize(text)


def _describe(path: Path, error: yaml.YAMLError) -> str:
    """What is wrong with the file and in which line, but nothing of a value, which may be a secret."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return f'{path} is no YAML: {" ".join(str(error).split())}'
    quotes = _QUOTING.search(str(error.problem))
    return f'{_place(path, error.problem_mark)}: {_QUOTE_IT if quotes else error.problem}'


def _place(path: Path, mark: yaml.Mark | None) -> str:
    return f'{path}, line {mark.line + 1}' if mark else str(path)
