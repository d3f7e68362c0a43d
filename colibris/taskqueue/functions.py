"""Functions by name: what travels to a worker is a function's dotted path."""

import functools
import importlib
from collections.abc import Callable
from typing import Any, cast

from colibris.taskqueue.errors import TaskQueueError

__all__ = ['function_at', 'path_of']


def path_of(function: Callable[..., Any]) -> str:
    """The dotted path under which a worker finds ``function``.

    :raises TaskQueueError: it would find nothing there, or something else.
    """
    name = getattr(function, '__qualname__', None)
    module = getattr(function, '__module__', None)
    if not callable(function) or not isinstance(name, str) or not isinstance(module, str):
        raise TaskQueueError(f'a task has to be a function of a module, not {type(function).__name__}')
    if module == '__main__':
        raise TaskQueueError(f'{name} cannot be a task: a worker does not find functions of the started script')
    return _checked_path(function, f'{module}.{name}')


@functools.lru_cache(maxsize=1024)
def _checked_path(function: Callable[..., Any], path: str) -> str:
    try:
        found = function_at(path)
    except TaskQueueError:
        found = None
    if found is not function:
        raise TaskQueueError(f'{path} cannot be a task: only functions at the top of a module are found by workers')
    return path


def function_at(path: str) -> Callable[..., Any]:
    """The function at a dotted path, a module's or a class' static one.

    :raises TaskQueueError: there is none.
    """
    module_path, _, name = path.rpartition('.')
    names = [name]
    while module_path:
        try:
            found: Any = importlib.import_module(module_path)
        except ModuleNotFoundError as exc:
            if not f'{module_path}.'.startswith(f'{exc.name}.'):
                raise
            module_path, _, name = module_path.rpartition('.')
            names.insert(0, name)
            continue
        for name in names:
            found = getattr(found, name, None)
        if callable(found):
            return cast('Callable[..., Any]', found)
        break
    raise TaskQueueError(f'there is no function {path}')
