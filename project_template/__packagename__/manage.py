#!/usr/bin/env python3
"""The command line of __projectname__; without a command it lists the commands."""

import os
import sys


def run() -> int:
    """Run the command that the arguments name; the console script of the installed project calls this, too."""
    from colibris.commands import main

    return main('__packagename__')


if __name__ == '__main__':
    # With the package's own directory on the path, its modules would hide others that have the same names.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    sys.exit(run())
