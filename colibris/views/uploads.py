"""Uploads: forms with files, which go to the disk as they come."""

import asyncio
import contextlib
import re
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

from aiohttp import BodyPartReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from marshmallow import Schema
from multidict import MultiDict
from webargs.multidictproxy import MultiDictProxy

from colibris import bridge
from colibris.api import APIException, ParseError, PayloadTooLarge, UnsupportedMediaType
from colibris.conf import settings
from colibris.schemas import schema_instance
from colibris.views.parsing import load

__all__ = ['Upload', 'UploadedFile', 'receive_upload']

MAX_FIELD_SIZE = 64 * 1024
"""The largest field that is no file, in bytes."""

_FORM = 'multipart/form-data'
_IN_MEMORY = 64 * 1024  # smaller files need no file descriptor
_CHUNK_SIZE = 256 * 1024
_MAX_NAME = 255
_CONTROLS = re.compile(r'[\x00-\x1f\x7f]')


@dataclass(frozen=True)
class UploadedFile:
    """A file of an upload. It is gone when the block of :func:`receive_upload` is left.

    :param filename: the last part of the name that the client gives it; may be empty, and is nothing to be trusted.
    :param content_type: what the client says it is.
    :param size: in bytes.
    :param file: the content, to be read in a thread if it is large.
    """

    filename: str
    content_type: str
    size: int
    file: Any = field(repr=False)

    def read(self) -> bytes:
        """The whole content."""
        return bridge.wait(asyncio.to_thread(self._read))

    def save(self, path: Path | str) -> None:
        """Write the content into a file, of which nobody sees a part; one that is there is replaced.

        :raises OSError: that is not possible.
        """
        bridge.wait(asyncio.to_thread(self._save, Path(path)))

    def _read(self) -> bytes:
        self.file.seek(0)
        return bytes(self.file.read())

    def _save(self, path: Path) -> None:
        part = path.with_name(f'.{path.name}.{id(self):x}.part')
        try:
            with part.open('xb') as target:
                self.file.seek(0)
                shutil.copyfileobj(self.file, target, _CHUNK_SIZE)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@dataclass(frozen=True)
class Upload:
    """A form: its ``fields`` (texts) and ``files`` (:class:`UploadedFile`), by name; a name may be there repeatedly."""

    fields: MultiDict[str] = field(default_factory=MultiDict)
    files: MultiDict[UploadedFile] = field(default_factory=MultiDict)

    def load(self, schema_class: type[Schema]) -> Any:
        """The fields as a schema loads them.

        :raises InvalidRequest: they do not fit the schema.
        """
        schema = schema_instance(schema_class)
        return load(schema, MultiDictProxy(self.fields, schema), 'form')


@contextlib.asynccontextmanager
async def receive_upload(
    request: web.Request, *, max_size: int | None = None, max_parts: int | None = None
) -> AsyncIterator[Upload]:
    """Receive a form with files (``multipart/form-data``).

    .. code-block:: python

        async with receive_upload(self.request) as upload:
            upload.files['photo'].save(path)

    Files go to the disk as they come, under no name, so that none is left behind whatever happens.

    :param max_size: the most bytes altogether; by default ``MAX_UPLOAD_SIZE``.
    :param max_parts: the most fields and files; by default ``MAX_UPLOAD_PARTS``.
    :raises UnsupportedMediaType: the body is something else.
    :raises PayloadTooLarge: it is larger, or has more parts.
    :raises ParseError: it is broken.
    """
    if request.content_type != _FORM:
        raise UnsupportedMediaType(f'the body must be {_FORM}, not {request.content_type}')
    receiver = _Receiver(request, max_size or settings.MAX_UPLOAD_SIZE, max_parts or settings.MAX_UPLOAD_PARTS)
    with contextlib.ExitStack() as stack:
        try:
            upload = await receiver.receive(stack)
        except APIException:
            raise
        except (ValueError, LookupError, AssertionError, RuntimeError, HttpProcessingError) as exc:
            # That is how aiohttp's reader fails: by assertions too.
            raise ParseError('the body is no valid form') from exc
        yield upload


class _Receiver:
    """Reads one form within its limits."""

    def __init__(self, request: web.Request, max_size: int, max_parts: int) -> None:
        self._request = request
        self._max_size = max_size
        self._max_parts = max_parts

    async def receive(self, stack: contextlib.ExitStack) -> Upload:
        """The form, whose files the stack closes."""
        self._check_size(self._request.content_length or 0)
        upload = Upload()
        reader = await self._request.multipart()
        while (part := await reader.next()) is not None:
            if len(upload.fields) + len(upload.files) == self._max_parts:
                raise PayloadTooLarge(f'the form has more than {self._max_parts} fields and files')
            if not isinstance(part, BodyPartReader) or part.name is None or hdrs.CONTENT_ENCODING in part.headers:
                raise ParseError('the form has a part that is no field and no file')
            if part.filename is None:
                upload.fields.add(part.name, await self._read_field(part))
            else:
                upload.files.add(part.name, await self._read_file(part, stack))
        return upload

    async def _read_field(self, part: BodyPartReader) -> str:
        content = bytearray()
        async for chunk in self._chunks(part):
            content += chunk
            if len(content) > MAX_FIELD_SIZE:
                raise PayloadTooLarge(f'a field of the form is larger than {MAX_FIELD_SIZE} bytes')
        return content.decode(part.get_charset(default='utf-8'))

    async def _read_file(self, part: BodyPartReader, stack: contextlib.ExitStack) -> UploadedFile:
        file = stack.enter_context(SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115  # the stack is its manager
        size = 0
        async for chunk in self._chunks(part):
            size += len(chunk)
            await _finish_in_thread(file.write, chunk)
        file.seek(0)
        kind = part.headers.get(hdrs.CONTENT_TYPE, 'application/octet-stream')
        return UploadedFile(_last_part(part.filename or ''), kind, size, file)

    async def _chunks(self, part: BodyPartReader) -> AsyncIterator[bytes]:
        while chunk := await part.read_chunk(_CHUNK_SIZE):
            self._check_size(self._request.content.total_bytes)
            async for decoded in part.decode_iter(chunk):
                yield bytes(decoded)

    def _check_size(self, size: int) -> None:
        if size > self._max_size:
            raise PayloadTooLarge(f'the upload is larger than {self._max_size} bytes')


async def _finish_in_thread(function: Callable[..., Any], *arguments: Any) -> None:
    """Call a function in a thread, and wait for its end also when cancelled: nobody may close its file before."""
    call = asyncio.ensure_future(asyncio.to_thread(function, *arguments))
    try:
        await asyncio.shield(call)
    except asyncio.CancelledError:
        await asyncio.wait([call])
        raise


def _last_part(filename: str) -> str:
    """A file's name without the directories that some clients put before it, and without control characters."""
    name = _CONTROLS.sub('', re.split(r'[/\\]', filename)[-1])[:_MAX_NAME]
    return '' if name in ('.', '..') else name
