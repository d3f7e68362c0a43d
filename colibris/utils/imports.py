"""Objects by dotted path."""

import importlib
from typing import Any

from colibris.errors import ConfigurationError

__all__ = ['ImportStringError', 'import_string']


class ImportStringError(ConfigurationError):
    """A dotted path leads nowhere."""


def import_string(path: str) -> Any:
    """The object at a dotted path such as ``package.module.Class``.

    :raises ImportStringError: saying which part of the path is wrong.
    """
    module_path, _, name = path.rpartition('.')
    if not module_path or not name or path.startswith('.'):
        raise ImportStringError(f"'{path}' is no dotted path; it has to look like package.module.Class")
    try:
        module = importlib.import_module(module_path)
    except ModuleNotFoundError as exc:
        if exc.name and (module_path == exc.name or module_path.startswith(exc.name + '.')):
            raise ImportStringError(f"there is no module '{module_path}' (from '{path}')") from None
        raise ImportStringError(f"'{module_path}' cannot be imported: {exc}") from exc
    except ConfigurationError:
        raise
    except Exception as exc:
        raise ImportStringError(f"'{module_path}' cannot be imported: {type(exc).__name__}: {exc}") from exc
    try:
        return getattr(module, name)
    except AttributeError:
        raise ImportStringError(f"module '{module_path}' has no '{name}'") from None
