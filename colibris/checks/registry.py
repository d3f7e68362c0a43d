"""Which checks there are."""

from collections.abc import Callable, Iterable
from typing import overload

from colibris.checks.problem import Problem

__all__ = ['Check', 'Registry']

Check = Callable[[], Iterable[Problem]]
"""A plain function without arguments that returns or yields what it finds; often a generator."""


class Registry:
    """Checks, in the order in which they have been registered."""

    def __init__(self) -> None:
        self._checks: dict[Check, bool] = {}

    @overload
    def register(self, check: Check) -> Check: ...

    @overload
    def register(self, *, deploy: bool) -> Callable[[Check], Check]: ...

    def register(self, check: Check | None = None, *, deploy: bool = False) -> Check | Callable[[Check], Check]:
        """Add a check; a decorator, with or without arguments.

        :param deploy: whether it looks at what matters only in production, and runs only when that is asked for.
        """

        def add(check: Check) -> Check:
            self._checks[check] = deploy
            return check

        return add if check is None else add(check)

    def run(self, *, deploy: bool = False) -> list[Problem]:
        """What the checks find, the worst first.

        :param deploy: also run those of production.
        """
        chosen = [check for check, is_for_deployment in self._checks.items() if deploy or not is_for_deployment]
        found = [problem for check in chosen for problem in check()]
        return sorted(found, key=lambda problem: (-problem.severity, problem.id, problem.message))
