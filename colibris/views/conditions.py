"""Which version of something a client has: entity tags (RFC 9110, section 8.8.3)."""

import hashlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import hdrs, web

from colibris.api import PreconditionFailed, PreconditionRequired
from colibris.utils import json

__all__ = ['ENCODING_SUFFIXES', 'LARGE', 'find_match', 'object_to_change', 'tag_of']

ENCODING_SUFFIXES = ('-gzip', '-br')
"""What the tag of a compressed answer has behind it: another representation needs another tag."""

LARGE = 256 * 1024
"""From so many bytes on a tag should be made in a thread, so that others are not kept waiting."""


def tag_of(content: bytes) -> str:
    """The tag of an answer with this body."""
    return hashlib.sha256(content).hexdigest()[:32]


def find_match(tag: str, known: Iterable[Any]) -> str | None:
    """The one of a client's tags that stands for ``tag``, as the client has it; ``None``: there is none.

    :param known: the tags of ``If-Match`` or ``If-None-Match``, as aiohttp reads them; ``*`` stands for any.
    """
    for item in known:
        if item.value == '*':
            return tag
        if _bare(item.value) == tag:
            return str(item.value)
    return None


@asynccontextmanager
async def object_to_change(view: Any) -> AsyncIterator[Any]:
    """The row that the URL names, if it is the version that the headers ``If-Match`` and ``If-None-Match`` ask for.

    With such a header the block is a transaction in which nobody else can change the row.

    :raises PreconditionFailed: it is another version.
    :raises PreconditionRequired: there is no header ``If-Match``, but the view's ``if_match_required`` is true.
    """
    headers = view.request.headers
    if view.if_match_required and hdrs.IF_MATCH not in headers:
        raise PreconditionRequired
    instance = await view.find_object()
    if hdrs.IF_MATCH not in headers and hdrs.IF_NONE_MATCH not in headers:
        yield instance
        return
    _check(view.request, tag_of(json.dumps(view.dump(instance))))
    async with view.model._meta.database.atomic():
        _lock(instance)
        yield instance


def _lock(instance: Any) -> None:
    """Lock the row, which somebody else may have changed since it was read."""
    query = type(instance).select().where(instance._pk_expr())
    locked = (query.for_update() if type(instance)._meta.database.for_update else query).first()
    data = locked.__data__ if locked else {}
    if any(name not in data or data[name] != value for name, value in instance.__data__.items()):
        raise PreconditionFailed


def _check(request: web.Request, tag: str) -> None:
    expected, unwanted = request.if_match, request.if_none_match
    # A weak tag says that two representations mean the same, which is not enough to overwrite one of them.
    strong = [item for item in expected or () if not item.is_weak]
    if hdrs.IF_MATCH in request.headers and find_match(tag, strong) is None:
        raise PreconditionFailed
    if unwanted and find_match(tag, unwanted) is not None:
        raise PreconditionFailed


def _bare(tag: str) -> str:
    for suffix in ENCODING_SUFFIXES:
        tag = tag.removesuffix(suffix)
    return tag
