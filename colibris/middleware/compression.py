"""Step 2: compression."""

import asyncio
import functools
import gzip
from collections.abc import Callable
from http import HTTPStatus
from typing import cast

from aiohttp import ETag, hdrs, web
from aiohttp.typedefs import Handler

__all__ = ['compress_responses']

MINIMUM_SIZE = 1000
"""Below so many bytes compression is not worth the client's time."""

_LARGE = 32 * 1024
_GZIP_LEVEL = 6
_BROTLI_QUALITY = 4

_TYPES = frozenset(
    {'application/javascript', 'application/json', 'application/manifest+json', 'application/xml', 'image/svg+xml'}
)
_PLACES_OF_BROWSERS = (None, 'same-origin', 'none')

Compress = Callable[[bytes], bytes]


@web.middleware
async def compress_responses(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Compress complete answers by brotli (with the extra ``brotli``) or gzip, where the client accepts it.

    Left alone are small and streamed answers, files, parts of a whole, media that are compressed in themselves, what
    ``Cache-Control: no-transform`` or another ``Content-Encoding`` keeps as it is, and what another site has made a
    browser ask for with cookies: its length could give away what is in it (the BREACH attack).
    """
    response = await handler(request)
    if response.status == HTTPStatus.NOT_MODIFIED:
        _vary(response)
    elif isinstance(response, web.Response) and _is_compressible(response):
        _vary(response)
        encoding = choose_encoding(request.headers.get(hdrs.ACCEPT_ENCODING, ''))
        if encoding and not _is_exposed(request):
            await _compress(response, encoding)
    return response


@functools.lru_cache(maxsize=256)
def choose_encoding(accepted: str) -> str | None:
    """The content coding that a header ``Accept-Encoding`` likes best, of those that are known; ``None``: none."""
    weights = dict(_read_weight(item) for item in accepted.lower().split(','))
    others = weights.get('*', 0.0)
    best = max(_compressors(), key=lambda name: weights.get(name, others))
    weight = weights.get(best, others)
    return best if weight > 0 and weight >= weights.get('identity', 0.0) else None


def _read_weight(item: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in item.split(';'))
    for parameter in parameters:
        if parameter.startswith('q='):
            try:
                return name, float(parameter[2:])
            except ValueError:
                return name, 0.0
    return name, 1.0


@functools.cache
def _compressors() -> dict[str, Compress]:
    """How to compress, by content coding, the best first."""
    found: dict[str, Compress] = {}
    try:
        import brotli
    except ImportError:
        pass
    else:
        found['br'] = functools.partial(brotli.compress, quality=_BROTLI_QUALITY)
    found['gzip'] = functools.partial(gzip.compress, compresslevel=_GZIP_LEVEL, mtime=0)
    return found


def _is_compressible(response: web.Response) -> bool:
    kind = response.content_type
    return (
        isinstance(response.body, bytes)
        and len(response.body) >= MINIMUM_SIZE
        and (kind in _TYPES or kind.startswith('text/') or kind.endswith(('+json', '+xml')))
        and response.status != HTTPStatus.PARTIAL_CONTENT
        and not response.prepared
        and hdrs.CONTENT_ENCODING not in response.headers
        and 'no-transform' not in response.headers.get(hdrs.CACHE_CONTROL, '')
    )


def _is_exposed(request: web.Request) -> bool:
    is_foreign = request.headers.get('Sec-Fetch-Site') not in _PLACES_OF_BROWSERS
    return is_foreign and hdrs.COOKIE in request.headers


async def _compress(response: web.Response, encoding: str) -> None:
    body = cast('bytes', response.body)
    compress = _compressors()[encoding]
    smaller = compress(body) if len(body) < _LARGE else await asyncio.to_thread(compress, body)
    if len(smaller) >= len(body):
        return
    response.body = smaller
    response.headers[hdrs.CONTENT_ENCODING] = encoding
    if response.etag is not None:
        response.etag = ETag(f'{response.etag.value}-{encoding}', is_weak=response.etag.is_weak)


def _vary(response: web.StreamResponse) -> None:
    before = response.headers.get(hdrs.VARY)
    names = [name.strip().lower() for name in (before or '').split(',')]
    if '*' not in names and 'accept-encoding' not in names:
        response.headers[hdrs.VARY] = f'{before}, {hdrs.ACCEPT_ENCODING}' if before else hdrs.ACCEPT_ENCODING
