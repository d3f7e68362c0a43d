"""What may stand in a header."""

import re

from colibris.email.errors import InvalidMessage

__all__ = ['check_line']

_FORBIDDEN = re.compile(r'[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]')


def check_line(field: str, text: str) -> str:
    """Check that a text is one line, so that it can forge no header.

    :param field: what it is, for the error.
    :returns: the text.
    :raises InvalidMessage: it is no text, or holds line breaks or other control characters.
    """
    if not isinstance(text, str):
        raise InvalidMessage(f'{field} must be a text, not {type(text).__name__}')
    found = _FORBIDDEN.search(text)
    if found:
        what = 'a line break' if found[0] in '\r\n\x85\u2028\u2029' else f'the character {found[0]!r}'
        raise InvalidMessage(f'{field} holds {what}, which is not allowed there')
    return text
