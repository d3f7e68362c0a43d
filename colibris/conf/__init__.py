"""Settings: what a project chose, over the defaults, checked once at start.

Applications read them as attributes: ``from colibris.conf import settings; settings.DEBUG``.
"""

from colibris.conf.settings import PROJECT_VARIABLE, Settings

__all__ = ['PROJECT_VARIABLE', 'settings', 'setup']

settings = Settings()


def setup(package: str) -> None:
    """Load the settings of the project whose package is ``package``, and check them.

    :raises ConfigurationError: with one line for each problem.
    """
    settings.load(package)
