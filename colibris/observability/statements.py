"""What may be told of a statement: its form, without what is in it."""

import re

__all__ = ['operation_of', 'shape_of']

LONGEST = 2000

# Names in double quotes or backticks stay; so do the placeholders ?, %s, $1 and the digits in names.
_NAME = r'("[^"]*"|`[^`]*`)'
_TEXT = r"[xXbBeE]?'(?:[^'\\]|\\.|'')*'?|\$(\w*)\$.*?\$\2\$"
_NUMBER = r'(?<![\w$.])\d[\w.]*'
_LITERAL = re.compile(f'{_NAME}|{_TEXT}|{_NUMBER}', re.DOTALL)
_LIST = re.compile(r'\((\?|%s)(?:\s*,\s*\1)+\)')
_ROWS = re.compile(r'(\([^()]*\))(?:\s*,\s*\1)+')
_WORD = re.compile(r'[\s(]*([a-zA-Z]+)')


def shape_of(sql: str) -> str:
    """The statement in a line; literals are ``?``, and of several equal placeholders or rows only the first is left.

    Parameters are never in a statement's text; literals are there if somebody has written them into it.
    """
    text = _LITERAL.sub(lambda match: match[1] or '?', sql[: 2 * LONGEST])
    text = _ROWS.sub(r'\1, …', _LIST.sub(r'(\1, …)', ' '.join(text.split())))
    return text if len(text) <= LONGEST else f'{text[: LONGEST - 1]}…'


def operation_of(sql: str) -> str:
    """The statement's first word, such as ``SELECT``."""
    match = _WORD.match(sql)
    return match[1].upper() if match else ''
