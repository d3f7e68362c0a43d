"""Regular expressions in the dialect of JSON schemas."""

import re

__all__ = ['ecma_pattern']

_UNTRANSLATABLE = re.compile(r'\(\?(?:P=|P>|\(|#|[aiLmsux-]+[:)]|>)|[*+?}]\+')
_ESCAPES = {'A': '^', 'Z': '$'}


def ecma_pattern(pattern: str | re.Pattern[str]) -> str | None:
    """The expression that finds in ECMA-262's dialect what Python's ``match`` matches; ``None`` if it is not known.

    Python's ``match`` starts at the beginning of the text, JSON schemas search anywhere.
    """
    compiled = re.compile(pattern)
    if compiled.flags & ~(re.UNICODE | re.ASCII) or _UNTRANSLATABLE.search(compiled.pattern):
        return None
    text = re.sub(r'\\(.)', lambda match: _ESCAPES.get(match[1], match[0]), compiled.pattern, flags=re.DOTALL)
    text = text.replace('(?P<', '(?<')
    if '|' in text:
        return f'^(?:{text})'
    return text if text.startswith('^') else f'^{text}'
