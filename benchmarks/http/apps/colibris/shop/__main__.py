"""Serve."""

import os
import sys

from colibris.commands import main

sys.exit(main('shop', ['runserver', '--port', os.environ['PORT']]))
