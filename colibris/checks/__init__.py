"""Checks of a project: what is wrong with it, or will be, before anybody uses it.

``manage.py check`` runs them. A project adds its own in ``<package>/checks.py``::

    from colibris import checks


    @checks.register
    def check_currency():
        if settings.CURRENCY not in RATES:
            yield checks.warning('bookshop.W001', f'no rates for {settings.CURRENCY}', 'add them to rates.py')
"""

from colibris.checks.problem import Problem, Severity, error, warning
from colibris.checks.registry import Check, Registry

__all__ = ['Check', 'Problem', 'Registry', 'Severity', 'error', 'register', 'registry', 'run', 'warning']

registry = Registry()
register = registry.register
run = registry.run
