"""The PROXY protocol: how a proxy that does not look into connections says whose they are, before anything else.

Both of its versions, as https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt describes them.
"""

import ipaddress
import struct
from dataclasses import dataclass

__all__ = ['Origin', 'read_header']

_LONGEST_LINE = 107
_LONGEST_BLOCK = 4096
_SIGNATURE = b'\r\n\r\n\0\r\nQUIT\n'
_BLOCK_START = struct.Struct('!12sBBH')
_FAMILIES = {'TCP4': ipaddress.IPv4Address, 'TCP6': ipaddress.IPv6Address}
_ADDRESSES = {0x11: (ipaddress.IPv4Address, 4), 0x21: (ipaddress.IPv6Address, 16)}
_FURTHER_FIELDS = {0x11: 12, 0x21: 36, 0x31: 216}
_LOCAL, _PROXIED = 0x20, 0x21
_TLS_FIELD, _TLS_USED = 0x20, 0x01
_MAX_PORT = 65535


@dataclass(frozen=True)
class Origin:
    """Whose connection it is.

    :param address: and port; ``None``: the proxy's own, or one that it does not know.
    :param is_tls: whether the proxy says that the client speaks TLS with it.
    """

    address: tuple[str, int] | None
    is_tls: bool = False


def read_header(data: bytes) -> tuple[Origin, int] | None:
    """What the first bytes of a connection say, and how many of them do so; ``None``: more have to come.

    :raises ValueError: they are something else.
    """
    if data[: len(_SIGNATURE)] == _SIGNATURE[: len(data)]:
        return _read_block(data)
    return _read_line(data)


def _read_line(data: bytes) -> tuple[Origin, int] | None:
    """Version 1: ``PROXY TCP4 203.0.113.7 192.0.2.1 51000 80``."""
    if not data.startswith(b'PROXY '[: len(data)]):
        raise ValueError('no header of the PROXY protocol')
    line, end, _ = data[:_LONGEST_LINE].partition(b'\r\n')
    if not end:
        if len(data) < _LONGEST_LINE:
            return None
        raise ValueError('a line of the PROXY protocol that is too long')
    words = line.decode('ascii').split(' ')
    size = len(line) + len(end)
    if words[1] == 'UNKNOWN':
        return Origin(None), size
    _, family, source, target, port, _ = words
    kind = _FAMILIES.get(family)
    if kind is None or not port.isdecimal() or int(port) > _MAX_PORT:
        raise ValueError('a wrong line of the PROXY protocol')
    kind(target)
    return Origin((str(kind(source)), int(port))), size


def _read_block(data: bytes) -> tuple[Origin, int] | None:
    """Version 2, in binary."""
    if len(data) < _BLOCK_START.size:
        return None
    _, command, family, length = _BLOCK_START.unpack_from(data)
    if command not in (_LOCAL, _PROXIED) or length > _LONGEST_BLOCK:
        raise ValueError('a wrong block of the PROXY protocol')
    size = _BLOCK_START.size + length
    if len(data) < size:
        return None
    return (Origin(None) if command == _LOCAL else _read_origin(data[_BLOCK_START.size : size], family)), size


def _read_origin(fields: bytes, family: int) -> Origin:
    start = _FURTHER_FIELDS.get(family, 0)
    if len(fields) < start:
        raise ValueError('a block of the PROXY protocol that is too short')
    is_tls = _finds_tls(fields[start:])
    if family not in _ADDRESSES:
        return Origin(None, is_tls)
    kind, width = _ADDRESSES[family]
    (port,) = struct.unpack_from('!H', fields, 2 * width)
    return Origin((str(kind(fields[:width])), port), is_tls)


def _finds_tls(fields: bytes) -> bool:
    while fields:
        if len(fields) < 3:  # a kind and a length
            raise ValueError('a field of the PROXY protocol that is cut off')
        kind, length = struct.unpack_from('!BH', fields)
        if kind == _TLS_FIELD and length and len(fields) > 3:
            return bool(fields[3] & _TLS_USED)
        fields = fields[3 + length :]
    return False
