"""The place of the envelope, and of those that views choose for themselves."""

import functools
from typing import Any

from colibris.api.envelope.base import Envelope
from colibris.conf.backends import BackendSlot
from colibris.errors import ConfigurationError

__all__ = ['check_envelope', 'envelope_of', 'slot']

slot: BackendSlot[Envelope] = BackendSlot('ENVELOPE', Envelope, 'colibris.api.envelope.PlainEnvelope')


def envelope_of(view: Any) -> Envelope:
    """The envelope of a view's answers: that of its attribute ``envelope_class``, or else the project's.

    :param view: a view class, a function, or ``None`` for answers that no view gives.
    """
    chosen = getattr(view, 'envelope_class', None)
    return slot.get() if chosen is None else _instance(chosen)


def check_envelope(view: Any) -> None:
    """Check a view's attribute ``envelope_class``.

    :raises ConfigurationError: it is no envelope class, or one that needs arguments.
    """
    chosen = getattr(view, 'envelope_class', None)
    if chosen is None:
        return
    if not (isinstance(chosen, type) and issubclass(chosen, Envelope)):
        raise ConfigurationError(f'{view.__name__}.envelope_class must be an Envelope class, not {chosen!r}')
    try:
        _instance(chosen)
    except TypeError as exc:
        raise ConfigurationError(f'{view.__name__}.envelope_class cannot be made without arguments: {exc}') from exc


@functools.lru_cache(maxsize=4096)
def _instance(envelope_class: type[Envelope]) -> Envelope:
    return envelope_class()
