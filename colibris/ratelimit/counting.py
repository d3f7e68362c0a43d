"""Counting a hit."""

import hashlib
import ipaddress
from collections.abc import Iterable

from colibris.conf.limits import Limit
from colibris.ratelimit.errors import RateLimitExceeded
from colibris.ratelimit.slot import slot
from colibris.ratelimit.usage import Usage

__all__ = ['count', 'forget', 'identity_of_address']

_SUBSCRIBER_BITS = 64


async def count(name: str, identity: str, limits: Iterable[Limit]) -> list[Usage]:
    """Count a hit under each of the limits, until one refuses it, and return what they leave.

    :raises RateLimitExceeded: one has refused it.
    :raises RateLimitUnavailable: nobody can tell whether the hit is allowed, and then it is not.
    """
    backend, usages = slot.get(), []
    for limit in limits:
        usage = await backend.hit(_key(name, identity, limit), limit)
        usages.append(usage)
        if not usage.allowed:
            raise RateLimitExceeded(usage)
    return usages


async def forget(name: str, identity: str, limits: Iterable[Limit]) -> None:
    """Forget the hits under each of the limits.

    :raises RateLimitUnavailable: they cannot be forgotten now.
    """
    for limit in limits:
        await slot.get().clear(_key(name, identity, limit), limit)


def identity_of_address(address: str | None) -> str:
    """By what an address is counted: of IPv6 by the network, for every subscriber has a whole one."""
    if address is None or ':' not in address:
        return address or ''
    number = int(ipaddress.IPv6Address(address))
    return f'{number >> _SUBSCRIBER_BITS:x}::/64'


def _key(name: str, identity: str, limit: Limit) -> str:
    """What a hit is counted by: short, whatever a client has sent, and telling nobody who reads it who that was."""
    digest = hashlib.blake2b(identity.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()
    return f'{name}:{limit.name}:{digest}'
