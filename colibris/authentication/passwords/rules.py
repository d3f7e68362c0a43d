"""Which passwords are refused."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from colibris.authentication.passwords.hashed import HashedPassword
from colibris.conf import settings

__all__ = ['MAX_LENGTH', 'check']

MAX_LENGTH = 256
"""The most characters that a password may have."""

_NEEDED = 5
_SHORTEST_WORD = 4
_SHORTEST_OF_ACCOUNT = 3
_LONGEST_OF_ACCOUNT = 256
_REPETITION = re.compile(r'(.{1,16}?)\1+', re.DOTALL)
_SEPARATORS = re.compile(r'[\W_]+')
_SEQUENCES = (
    '0123456789',
    '01234567890',
    '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
    'abcdefghijklmnopqrstuvwxyz',
    'asdfghjkl',
    'azertyuiop',
    'qazwsxedcrfvtgbyhnujm',
    'qwertyuiop',
    'qwertzuiop',
    'zxcvbnm',
)
_DISGUISES = str.maketrans('@43!1|05$7', 'aaeiiiosst')


def check(password: str, account: Any = None) -> list[str]:
    """What is wrong with a new password, a sentence each; an empty list if it may be used.

    It must have ``PASSWORD_MIN_LENGTH`` to ``MAX_LENGTH`` characters, and five of them must remain when common
    words, sequences and repetitions are taken out, or what is known about the account.

    :param account: whose password it is to be: a model's row, or a dictionary of what will be in it.
    """
    if len(password) > MAX_LENGTH:
        return [f'Must have at most {MAX_LENGTH} characters.']
    problems = []
    if len(password) < settings.PASSWORD_MIN_LENGTH:
        problems.append(f'Must have at least {settings.PASSWORD_MIN_LENGTH} characters.')
    if _is_made_of(password, _common_words()):
        problems.append('Is too easy to guess: think of something that is no common word or sequence.')
    elif _is_made_of(password, _words_of(account)):
        problems.append('Is too easy to guess for those who know the account.')
    return problems


def _is_made_of(password: str, words: Iterable[str]) -> bool:
    text = _fold(password)[:MAX_LENGTH]  # a letter may stand for many
    shortened = _REPETITION.sub(r'\1', text)
    return min(_count_others(text, words), _count_others(shortened, words)) < min(_NEEDED, len(text))


def _count_others(text: str, words: Iterable[str]) -> int:
    """How many characters of a text belong to no word, disguised or not."""
    covered = bytearray(len(text))
    for variant in (text, text.translate(_DISGUISES)):
        for word in words:
            start = variant.find(word)
            while start >= 0:
                covered[start : start + len(word)] = b'x' * len(word)
                start = variant.find(word, start + 1)
    return covered.count(0)


@cache
def _common_words() -> tuple[str, ...]:
    """Common words and parts of sequences, in both directions, the longest first."""
    text = files(__package__).joinpath('common.txt').read_text(encoding='utf-8')
    words = {*text.split(), *_parts_of_sequences()}
    return _longest_first(_both_directions(words))


def _parts_of_sequences() -> Iterator[str]:
    for sequence in _SEQUENCES:
        for start in range(len(sequence)):
            for end in range(start + _SHORTEST_WORD, len(sequence) + 1):
                yield sequence[start:end]


def _words_of(account: Any) -> tuple[str, ...]:
    values = account if isinstance(account, Mapping) else getattr(account, '__data__', None) or {}
    texts = [_fold(value) for value in values.values() if _is_known_to_others(value)]
    words = {word for text in texts for word in (text, *_SEPARATORS.split(text))}
    return _longest_first(_both_directions(word for word in words if len(word) >= _SHORTEST_OF_ACCOUNT))


def _is_known_to_others(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, HashedPassword) and len(value) <= _LONGEST_OF_ACCOUNT


def _both_directions(words: Iterable[str]) -> set[str]:
    return {word for each in words for word in (each, each[::-1])}


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def _fold(text: str) -> str:
    return unicodedata.normalize('NFKC', text).casefold()
