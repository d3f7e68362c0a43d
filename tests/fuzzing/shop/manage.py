import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

if __name__ == '__main__':
    from colibris.commands import main

    sys.exit(main('shop'))
