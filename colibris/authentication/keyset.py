"""The public keys of an OpenID provider."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import Any

import aiohttp
from jwt import PyJWK, PyJWTError
from yarl import URL

from colibris.authentication.errors import AuthenticationUnavailable
from colibris.conf import settings

__all__ = ['KeySet', 'check_url']

logger = logging.getLogger(__name__)

DISCOVERY = '/.well-known/openid-configuration'
MAX_SIZE = 1024**2

Keys = dict[tuple[str | None, str], PyJWK]


class FetchError(Exception):
    """The provider has not answered with keys."""


class KeySet:
    """Fetches the provider's keys, and keeps them by their ids and algorithms.

    They are fetched when the first one is needed, when one is asked for that is not among them, and when they are old;
    but not more often than every ``interval`` seconds, whatever tokens come. While they cannot be fetched the old ones
    are used.

    :param issuer: who has the keys.
    :param url: where they are; ``None``: the issuer tells that (OpenID Connect Discovery).
    :param algorithms: the only algorithms for which they are used.
    :param lifetime: how old they may become, in seconds.
    :param interval: how long to wait before they are fetched again, in seconds.
    :param timeout: how long fetching may take, in seconds.
    """

    def __init__(
        self, issuer: str, url: str | None, algorithms: Sequence[str], lifetime: float, interval: float, timeout: float
    ) -> None:
        self._issuer = issuer
        self._url = url
        self._algorithms = algorithms
        self._lifetime = lifetime
        self._interval = interval
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._keys: Keys | None = None
        self._fetched = self._tried = float('-inf')
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str | None, algorithm: str) -> PyJWK | None:
        """The key with this id for this algorithm, or ``None``. Without an id it is the only key, if there is only one.

        :raises AuthenticationUnavailable: no keys have been fetched yet.
        """
        key = self._choose(kid, algorithm)
        if key is None or self._is_older_than(self._lifetime, self._fetched):
            await self._refresh(is_urgent=key is None)
            key = self._choose(kid, algorithm)
        if self._keys is None:
            raise AuthenticationUnavailable
        return key

    async def stop(self) -> None:
        """Fetch no more."""
        if self._fetching is not None:
            self._fetching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._fetching

    async def _refresh(self, is_urgent: bool) -> None:
        """Fetch the keys in a task that all requests wait for, and that outlives a client that goes away."""
        if self._fetching is None and self._is_older_than(self._interval, self._tried):
            self._tried = time.monotonic()
            self._fetching = asyncio.create_task(self._fetch())
            self._fetching.add_done_callback(self._forget_task)
        if self._fetching is not None and is_urgent:
            await asyncio.shield(self._fetching)

    def _forget_task(self, task: 'asyncio.Task[None]') -> None:
        self._fetching = None

    async def _fetch(self) -> None:
        try:
            async with aiohttp.ClientSession(timeout=self._timeout) as client:
                document = await _get(client, self._url or await self._discover(client))
            self._keys = _keys_of(document, self._algorithms)
            self._fetched = time.monotonic()
        except (FetchError, aiohttp.ClientError, TimeoutError) as exc:
            logger.error('the keys of %s cannot be fetched: %s', self._issuer, str(exc) or type(exc).__name__)

    async def _discover(self, client: aiohttp.ClientSession) -> str:
        document = await _get(client, self._issuer.rstrip('/') + DISCOVERY)
        url = document.get('jwks_uri')
        if document.get('issuer') != self._issuer:
            raise FetchError('it describes another issuer')
        if problem := check_url(url):
            raise FetchError(f'its jwks_uri {problem}')
        return str(url)

    def _choose(self, kid: str | None, algorithm: str) -> PyJWK | None:
        keys = self._keys or {}
        if kid is not None:
            return keys.get((kid, algorithm))
        candidates = [key for (_, name), key in keys.items() if name == algorithm]
        return candidates[0] if len(candidates) == 1 else None

    def _is_older_than(self, seconds: float, moment: float) -> bool:
        return time.monotonic() - moment >= seconds


def check_url(value: Any) -> str | None:
    """Check that what comes from a URL can be trusted: outside of ``DEBUG`` it is HTTPS, or on this machine."""
    try:
        url = URL(value)
        if url.scheme in ('http', 'https') and url.host and not url.user:
            is_safe = url.scheme == 'https' or settings.DEBUG or _is_here(url.host)
            return None if is_safe else 'must begin with https://'
    except (TypeError, ValueError):
        pass
    return 'must be a URL like https://accounts.example.com'


def _is_here(host: str) -> bool:
    try:
        return host == 'localhost' or ip_address(host).is_loopback
    except ValueError:
        return False


async def _get(client: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    async with client.get(url, allow_redirects=False) as response:
        if response.status != 200:
            raise FetchError(f'{url} answers {response.status}')
        body = bytearray()
        async for chunk in response.content.iter_chunked(2**16):
            body += chunk
            if len(body) > MAX_SIZE:
                raise FetchError(f'{url} answers more than {MAX_SIZE} bytes')
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise FetchError(f'{url} does not answer with a JSON object')
    return document


def _keys_of(document: dict[str, Any], algorithms: Sequence[str]) -> Keys:
    keys = dict(_read_keys(document, algorithms))
    if not keys:  # to forget all keys because of that would refuse everybody
        raise FetchError(f'there are no keys for {", ".join(algorithms)}')
    return keys


def _read_keys(document: dict[str, Any], algorithms: Sequence[str]) -> Iterator[tuple[tuple[str | None, str], PyJWK]]:
    keys = document.get('keys')
    if not isinstance(keys, list):
        raise FetchError('what it answers has no keys')
    for key in keys:
        if not isinstance(key, dict) or key.get('use', 'sig') != 'sig' or not isinstance(key.get('kid'), str | None):
            continue
        for algorithm in algorithms:
            if key.get('alg', algorithm) == algorithm:
                with contextlib.suppress(PyJWTError, ValueError, TypeError):  # a key of another kind
                    yield (key.get('kid'), algorithm), PyJWK(key, algorithm)
