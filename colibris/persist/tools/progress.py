"""How far a tool has come, for people who wait for it."""

import sys
import time
from types import TracebackType

__all__ = ['Progress']

WIDTH = 30
INTERVAL = 0.1


class Progress:
    """A bar on standard error; silent where that is no terminal.

    :param total: the amount at which the work is done, in any unit; 0 when it is not known.
    :param is_visible: whether it may be shown at all.
    """

    def __init__(self, total: int = 0, *, is_visible: bool = True) -> None:
        self._total = total
        self._shown_at = 0.0
        self._is_visible = is_visible and sys.stderr.isatty()

    def show(self, done: int, text: str) -> None:
        """Show that ``done`` of the total is done; ``text`` stands beside the bar."""
        now = time.monotonic()
        if self._is_visible and now - self._shown_at >= INTERVAL:
            self._shown_at = now
            self._write(f'{self._bar(done)}{text}')

    def __enter__(self) -> 'Progress':
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wipe the bar away."""
        if self._is_visible and self._shown_at:
            self._write('')

    def _bar(self, done: int) -> str:
        if not self._total:
            return ''
        part = min(done / self._total, 1)
        full = int(part * WIDTH)
        return f'[{"#" * full}{"." * (WIDTH - full)}] {part:4.0%}  '

    def _write(self, line: str) -> None:
        sys.stderr.write(f'\r\x1b[K{line}')
        sys.stderr.flush()
