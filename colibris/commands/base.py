"""The base of commands."""

from abc import ABC, abstractmethod
from argparse import ArgumentParser, Namespace
from typing import Any, ClassVar

from colibris import conf
from colibris.errors import ColibrisError
from colibris.log import setup_logging

__all__ = ['BaseCommand', 'CommandError']


class CommandError(ColibrisError):
    """The command could not do its work."""


class BaseCommand(ABC):
    """One command of ``manage.py``.

    A project adds its own by subclassing this class in ``<package>/commands.py``.
    """

    name: ClassVar[str] = ''
    """What people type; by default the class' name in lower case, without ``Command`` at its end."""

    help: ClassVar[str] = ''
    """What the command does, in a line; by default the first line of the class' docstring."""

    passes_arguments_on: ClassVar[bool] = False
    """Whether arguments that are not declared are no error, but found in ``options.arguments``."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command's arguments."""

    def prepare(self, package: str) -> None:
        """Load the settings of the project, and set up its logging.

        :raises ConfigurationError: the settings are wrong.
        """
        conf.setup(package)
        setup_logging()

    @abstractmethod
    def handle(self, options: Namespace) -> Any:
        """Do the work. May be a coroutine function. What it returns, if it is an ``int``, is the exit status.

        :raises ColibrisError: what went wrong, in a line for people; the exit status is then 1.
        """

    @classmethod
    def get_name(cls) -> str:
        """What people type."""
        return cls.name or cls.__name__.removesuffix('Command').lower()

    @classmethod
    def get_help(cls) -> str:
        """What the command does, in a line."""
        text = cls.help or (cls.__doc__ or '').strip().partition('\n')[0]
        return text[:1].upper() + text[1:].removesuffix('.')
