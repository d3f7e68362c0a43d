"""The checks that colibris brings. The ids are listed in ``docs/checks.md``."""

from colibris.checks.builtin import database, deployment, names, routes, schemas

__all__ = ['database', 'deployment', 'names', 'routes', 'schemas']
