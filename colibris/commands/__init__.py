"""What people type: the commands of ``manage.py``."""

from colibris.commands.base import BaseCommand, CommandError
from colibris.commands.main import main

__all__ = ['BaseCommand', 'CommandError', 'main']
