"""Serve."""

import os
import sys

from colibris.commands import main

sys.exit(main('handwritten', ['runserver', '--port', os.environ['PORT']]))
