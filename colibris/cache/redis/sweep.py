"""Deleting the keys that match a pattern, without keeping Redis or the caller busy for long."""

from collections.abc import Callable
from typing import Any

__all__ = ['Run', 'Sweep']

Run = Callable[[Callable[[Any], Any]], Any]
"""Has a command run on whichever client: ``run(lambda client: client.ping())``."""

BATCH = 1000


class Sweep:
    """One pass over all keys, in steps.

    :param pattern: a glob pattern, as Redis takes it.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._cursors: dict[str | None, int] = {
            None: 0
        }  # by the name of a cluster's node; None: wherever there are keys

    @property
    def is_done(self) -> bool:
        """Whether every key has been seen."""
        return not self._cursors

    def step(self, run: Run) -> None:
        """Delete some more keys."""
        node, cursor = next(iter(self._cursors.items()))
        found, keys = run(lambda client: client.scan(cursor, self._pattern, BATCH, **_target(client, node)))
        if keys:
            run(lambda client: client.unlink(*keys))
        self._cursors.pop(node, None)
        cursors = found if isinstance(found, dict) else {node: found}
        self._cursors.update({name: int(place) for name, place in cursors.items() if int(place)})


def _target(client: Any, node: str | None) -> dict[str, Any]:
    return {} if node is None else {'target_nodes': client.get_node(node_name=node)}
