"""Serve."""

import os
import sys

from colibris.commands import main

sys.exit(main('grown', ['runserver', '--port', os.environ['PORT']]))
