"""``manage.py check``."""

import importlib
import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from colibris.commands.base import BaseCommand
from colibris.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from colibris.checks import Problem

__all__ = ['CheckCommand']


class CheckCommand(BaseCommand):
    """Look for what is wrong with the project, or will be."""

    settings_error: ConfigurationError | None = None

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument('--deploy', action='store_true', help='also look at what matters only in production')
        parser.add_argument('--format', choices=['text', 'json'], default='text', help='how to print what is found')
        parser.add_argument(
            '--fail-level', choices=['warning', 'error'], default='error', help='from which severity on the status is 1'
        )

    def prepare(self, package: str) -> None:
        """Load the settings; what is wrong with them is a problem like others."""
        try:
            super().prepare(package)
        except ConfigurationError as exc:
            self.settings_error = exc

    def handle(self, options: Namespace) -> int:
        """Print each problem; the exit status is 1 if one is bad enough."""
        from colibris.checks import Severity

        problems = self._find(options.deploy)
        print(_as_json(problems) if options.format == 'json' else _as_text(problems))
        level = Severity[options.fail_level.upper()]
        return int(any(problem.severity >= level for problem in problems))

    def _find(self, deploy: bool) -> 'Sequence[Problem]':
        from colibris import checks

        if self.settings_error is not None:
            return [checks.error('colibris.E001', line) for line in str(self.settings_error).splitlines()]
        from colibris.app.project import import_project_module

        importlib.import_module('colibris.checks.builtin')  # registers them, as the project's module does with its own
        import_project_module('checks')
        return checks.run(deploy=deploy)


def _as_json(problems: 'Sequence[Problem]') -> str:
    lines = [
        {'id': each.id, 'severity': each.severity.name.lower(), 'message': each.message, 'hint': each.hint}
        for each in problems
    ]
    return json.dumps(lines, indent=2, ensure_ascii=False)


def _as_text(problems: 'Sequence[Problem]') -> str:
    lines = []
    for each in problems:
        lines.append(f'{each.severity.name} {each.id}: {each.message}')
        if each.hint:
            lines.append(f'    {each.hint}')
    counts = {name: sum(each.severity.name == name for each in problems) for name in ('ERROR', 'WARNING')}
    lines.append(f'{counts["ERROR"]} errors, {counts["WARNING"]} warnings.')
    return '\n'.join(lines)
