"""docs/settings.md lists every setting as the code defines it."""

from pathlib import Path

from colibris.conf.definitions import DEFINITIONS

PAGE = Path(__file__).parent.parent / 'docs' / 'settings.md'


def test_page_lists_every_setting() -> None:
    rows = [f'| `{item.name}` | `{item.default!r}` | {item.description} |' for item in DEFINITIONS.values()]
    table = [line for line in PAGE.read_text().splitlines() if line.startswith('| `')]
    assert table == rows, 'the table should be:\n' + '\n'.join(rows)
