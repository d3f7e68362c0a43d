"""The checks that colibris brings. The ids are listed in ``docs/checks.md``."""

from colibris.checks.builtin import cookies, database, deployment, names, permissions, routes, schemas

__all__ = ['cookies', 'database', 'deployment', 'names', 'permissions', 'routes', 'schemas']
