"""Settings from environment variables, validated by marshmallow schemas."""

import os
from collections.abc import Mapping, MutableMapping
from typing import Any

from marshmallow import Schema, SchemaOpts, ValidationError, fields

from colibris.conf.env import read_variable
from colibris.conf.problems import report_problem
from colibris.conf.settings import mask
from colibris.conf.sources import sources
from colibris.errors import ConfigurationError

__all__ = ['SettingsSchema', 'fields']


class SettingsSchemaOpts(SchemaOpts):
    """The options of a settings schema: those of marshmallow, and ``prefix``."""

    def __init__(self, meta: type) -> None:
        super().__init__(meta)
        self.prefix: str = getattr(meta, 'prefix', '')


class SettingsSchema(Schema):
    """Reads the environment variables that its fields name, and puts them into a settings module.

    With ``Meta.prefix = 'DATABASE_'`` the field ``HOST`` reads ``DATABASE_HOST`` and becomes ``DATABASE['host']``. A
    list field takes values separated by commas. A variable that is not set changes nothing; nor does an empty one,
    unless the field is a text. Instead of a variable, a second one with ``_FILE`` behind its name can name the file
    that holds the value, as containers are given their secrets.
    """

    OPTIONS_CLASS = SettingsSchemaOpts
    opts: SettingsSchemaOpts

    def load_from_env(self, target: MutableMapping[str, Any], environ: Mapping[str, str] = os.environ) -> None:
        """Put the validated values into ``target``, usually the settings module's ``globals()``.

        :raises ConfigurationError: with one line for each variable whose value is wrong, or whose file is not there.
        """
        raw: dict[str, Any] = {}
        try:
            raw |= self._read(environ)
            values = self.load(raw)
        except ConfigurationError as exc:
            report_problem(str(exc))
            return
        except ValidationError as exc:
            report_problem(self._describe(exc, raw))
            return
        if self.opts.prefix:
            self._store_nested(target, values)
        else:
            target.update(values)
        for name in raw:
            self._note(name)

    def _read(self, environ: Mapping[str, str]) -> dict[str, Any]:
        raw: dict[str, Any] = {}
        for name, field in self.load_fields.items():
            value = self._find(name, environ)
            if value is None or (not value and not isinstance(field, fields.String)):
                continue
            raw[name] = [item.strip() for item in value.split(',')] if isinstance(field, fields.List) else value
        return raw

    def _find(self, name: str, environ: Mapping[str, str]) -> str | None:
        variable, other = self.opts.prefix + name, f'{name}_FILE'
        return environ.get(variable) if other in self.load_fields else read_variable(variable, environ)

    def _store_nested(self, target: MutableMapping[str, Any], values: Mapping[str, Any]) -> None:
        if values:
            setting = self.opts.prefix.rstrip('_')
            target[setting] = {**(target.get(setting) or {}), **{name.lower(): value for name, value in values.items()}}

    def _note(self, name: str) -> None:
        prefix = self.opts.prefix
        sources.note_variable(prefix.rstrip('_') or name, prefix + name, name.lower() if prefix else None)

    def _describe(self, error: ValidationError, raw: Mapping[str, Any]) -> str:
        lines = []
        for name, problems in error.messages_dict.items():
            variable = self.opts.prefix + name
            found = f' = {mask(variable, raw[name])}' if name in raw else ''
            lines.append(f'environment variable {variable}{found}: {_flatten(problems)}')
        return '\n'.join(lines)


def _flatten(problems: Any) -> str:
    if isinstance(problems, Mapping):
        return ' '.join(_flatten(item) for item in problems.values())
    return ' '.join(str(item) for item in problems)
