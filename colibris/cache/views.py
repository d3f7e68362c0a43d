"""Cached views: whose answer it is, and which answers may be kept at all."""

import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeGuard

from aiohttp import hdrs, web
from aiohttp.abc import AbstractView
from multidict import CIMultiDict

from colibris import bridge
from colibris.cache.calls import CallKey
from colibris.cache.computing import NotStorable
from colibris.cache.serializers import JSONSerializer
from colibris.utils import json

__all__ = ['Unstored', 'ViewKey', 'from_stored', 'is_cacheable', 'request_of', 'to_stored']

_CREDENTIALS = (hdrs.AUTHORIZATION, hdrs.COOKIE, 'X-API-Key')
_METHODS = (hdrs.METH_GET, hdrs.METH_HEAD)
_OK = 200

_serializer = JSONSerializer()


class Unstored(NotStorable):
    """An answer, or an answer that was raised, which is its own caller's alone."""

    def __init__(self, answer: web.StreamResponse) -> None:
        super().__init__()
        self._answer = answer

    def take(self) -> web.StreamResponse:
        """The answer, for its caller.

        :raises web.HTTPException: it was raised.
        """
        if isinstance(self._answer, web.HTTPException):
            raise self._answer
        return self._answer


class ViewKey:
    """Makes the keys of one view's answers.

    :param of_call: makes the part that stands for the URL, where the application gives one.
    :param shared: whether all accounts get the same answer.
    :param vary: the request's headers that make a difference, unless the application gives a key.
    """

    def __init__(self, of_call: CallKey, shared: bool, vary: Sequence[str]) -> None:
        self._of_call = of_call
        self._shared = shared
        self.vary = () if of_call.is_given else vary

    def make(self, request: web.Request, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        """The key of the answer to a request, for which the view is called with these arguments.

        :raises TypeError: nothing of the account tells it from others.
        """
        parts: list[Any] = [] if self._shared else [_describe_account(request), _values(request, _CREDENTIALS)]
        if self._of_call.is_given:
            given = self._of_call.make(args, kwargs)
            return f'{given}:{_digest(parts)}' if parts else given
        parts += [request.method, request.scheme, request.host, request.raw_path, _values(request, self.vary)]
        return f'{_name_of(self._of_call.name, args[0])}:{_digest(parts)}'

    def allows(self, response: web.Response) -> bool:
        """Whether an answer may be given to other requests with the same key."""
        directives = response.headers.get(hdrs.CACHE_CONTROL, '').lower()
        if 'no-store' in directives or (self._shared and 'private' in directives):
            return False
        known = {name.lower() for name in (*self.vary, *(() if self._shared else _CREDENTIALS))}
        differing = {name.strip().lower() for name in response.headers.get(hdrs.VARY, '').split(',') if name.strip()}
        return self._of_call.is_given or differing <= known


def request_of(args: Sequence[Any]) -> web.Request | None:
    """The request that a call answers, if it is a view's."""
    first = args[0] if args else None
    if isinstance(first, AbstractView):
        return first.request
    return first if isinstance(first, web.Request) else None


def is_cacheable(request: web.Request) -> bool:
    """Whether an answer to the request may be kept."""
    return request.method in _METHODS


def to_stored(call: Callable[[], Any], key: ViewKey) -> list[Any]:
    """What is kept of a view's answer: its data as JSON has it, or its headers and body.

    :raises Unstored: it must not be kept.
    """
    try:
        result = call()
        answer = bridge.wait(result) if inspect.isawaitable(result) else result
    except web.HTTPException as exc:
        raise Unstored(exc) from None
    if not isinstance(answer, web.StreamResponse):
        return [json.loads(json.dumps(answer))]
    if not (_is_complete(answer) and key.allows(answer)):
        raise Unstored(answer)
    return [[[str(name), value] for name, value in answer.headers.items()], answer.body]


def from_stored(stored: list[Any]) -> Any:
    """An answer as the view returned it."""
    if len(stored) == 1:
        return stored[0]
    headers, body = stored
    return web.Response(body=body, headers=CIMultiDict(headers))


def _is_complete(response: web.StreamResponse) -> TypeGuard[web.Response]:
    return (
        isinstance(response, web.Response)
        and response.status == _OK
        and isinstance(response.body, bytes | None)
        and not (response.cookies or hdrs.SET_COOKIE in response.headers)
    )


def _describe_account(request: web.Request) -> list[Any]:
    """What tells the request's account from others: a model's primary key, an attribute ``id``, or the account itself.

    :raises TypeError: the account has no id yet.
    """
    from colibris.authentication import get_account

    account = get_account(request)
    own_id = account.get_id() if callable(getattr(account, 'get_id', None)) else getattr(account, 'id', account)
    if own_id is None and account is not None:
        raise TypeError(f'nothing tells {account!r} from others: it needs an id, or cached() shared=True')
    return [f'{type(account).__module__}.{type(account).__qualname__}', own_id]


def _values(request: web.Request, names: Sequence[str]) -> list[list[str]]:
    return [request.headers.getall(name, []) for name in names]


def _name_of(name: str, owner: Any) -> str:
    """A method's key names the class that it is called on, as it may answer differently for each."""
    return f'{type(owner).__module__}.{type(owner).__qualname__}:{name}' if isinstance(owner, AbstractView) else name


def _digest(parts: list[Any]) -> str:
    """The parts are hashed, as there are credentials among them."""
    try:
        return hashlib.sha256(_serializer.dumps(parts)).hexdigest()
    except TypeError as exc:
        raise TypeError(
            f'nothing tells the account from others: it needs an id, or cached() shared=True ({exc})'
        ) from None
