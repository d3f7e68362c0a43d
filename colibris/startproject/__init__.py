"""The command `colibris-start-project`: makes a new project from a template.

Nothing in here imports the web or database libraries, so that the command answers at once.
"""

from colibris.startproject.cli import main

__all__ = ['main']
