"""What the answer to a request has to tell the client about its credentials."""

from collections.abc import Callable
from typing import NamedTuple

from aiohttp import hdrs, web

__all__ = ['change_answer', 'give_credentials', 'leave_answer']


class Change(NamedTuple):
    """A change of an answer; ``on_errors`` says whether it is made to error answers too."""

    apply: Callable[[web.StreamResponse], None]
    on_errors: bool


_CHANGES: web.RequestKey[dict[str, Change]] = web.RequestKey('colibris.credentials', dict)
_ERROR = 400


def change_answer(
    request: web.Request, what: str, apply: Callable[[web.StreamResponse], None], *, on_errors: bool = False
) -> None:
    """Have ``apply(response)`` called when the answer is about to begin, instead of an earlier one for ``what``.

    An error answer gives nobody credentials: they may have been granted before the view found that it should not.
    """
    request.setdefault(_CHANGES, {})[what] = Change(apply, on_errors)


def leave_answer(request: web.Request, what: str) -> None:
    """Have nothing changed for ``what`` any more."""
    request.get(_CHANGES, {}).pop(what, None)


def give_credentials(request: web.Request, response: web.StreamResponse) -> None:
    """Change the answer as it has been asked for; called when any answer is about to begin."""
    try:
        asked = request[_CHANGES]
    except KeyError:  # nearly always, and the shortest way to find out
        return
    changes = [change for change in asked.values() if change.on_errors or response.status < _ERROR]
    for change in changes:
        change.apply(response)
    if changes:
        response.headers[hdrs.CACHE_CONTROL] = 'no-store'
