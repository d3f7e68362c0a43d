"""The modules of a project that colibris reads."""

import importlib
from types import ModuleType
from typing import Any

from colibris.conf import settings
from colibris.errors import ConfigurationError

__all__ = ['import_project_module', 'project_value']


def import_project_module(name: str) -> ModuleType | None:
    """The project's module, or ``None`` if it has none of this name."""
    path = f'{settings.PROJECT_PACKAGE_NAME}.{name}'
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError as exc:
        if exc.name == path:
            return None
        raise


def project_value(module: str, name: str, default: Any) -> Any:
    """What one of the project's modules defines under a name, or ``default``.

    :raises ConfigurationError: the project has no such module.
    """
    found = import_project_module(module)
    if found is None:
        if default is None:
            return None
        raise ConfigurationError(f"the project has no module '{settings.PROJECT_PACKAGE_NAME}.{module}'")
    return getattr(found, name, default)
