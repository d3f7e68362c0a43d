"""What the project is called."""

import importlib

from colibris.conf import settings

__all__ = ['project_name', 'project_version']


def project_name() -> str:
    """``PROJECT_NAME``, or else the name of the project's package."""
    return settings.PROJECT_NAME or settings.PROJECT_PACKAGE_NAME


def project_version() -> str | None:
    """``PROJECT_VERSION``, or else ``__version__`` of the project's package, or ``None`` if it has none."""
    if settings.PROJECT_VERSION:
        return str(settings.PROJECT_VERSION)
    package = importlib.import_module(settings.PROJECT_PACKAGE_NAME)
    version = getattr(package, '__version__', None)
    return None if version is None else str(version)
