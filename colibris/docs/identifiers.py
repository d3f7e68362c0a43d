"""Identifiers of operations."""

from colibris.docs.operations import Operation
from colibris.docs.words import identifier

__all__ = ['Identifiers']


class Identifiers:
    """Gives each operation an identifier of its own."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def claim(self, operation: Operation) -> str:
        """The operation's name; of two with one name the second gets its path behind, then a number."""
        name = str(operation.metadata.get('operationId') or operation.name)
        if name in self._taken:
            name = identifier(f'{name} at {operation.path.template}')
        base, number = name, 2
        while name in self._taken:
            name, number = f'{base}_{number}', number + 1
        self._taken.add(name)
        return name
