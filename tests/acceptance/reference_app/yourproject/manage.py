#!/usr/bin/env python3
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from colibris.commands import main  # noqa: E402

if __name__ == '__main__':
    sys.exit(main('yourproject'))
