"""Regular expressions in linear time, compared with Python's own."""

import random
import re
import time

import pytest
from marshmallow import ValidationError

from colibris.views.regexp import check_regexp, matches

PARTS = [
    'a',
    'b',
    '.',
    '[ab]',
    '[^a]',
    r'\d',
    r'\w',
    '(a|b)',
    '(?:ab)',
    'a*',
    'b+',
    '(ab)*',
    '(a|bb)+',
    '^',
    '$',
    'a{2}',
    'b{1,2}',
    '(a*)*',
    '|',
    '1',
    'x?',
    'a{2,}',
    'a*?',
    r'\.',
    '[a-c1]',
    '[]x]',
    '()',
]


def test_agrees_with_python():
    source = random.Random(7)
    for _ in range(5000):
        pattern = ''.join(source.choices(PARTS, k=source.randint(1, 6)))
        text = ''.join(source.choices('ab1x', k=source.randint(0, 8)))
        try:
            expected = re.search(pattern, text) is not None
        except re.error:
            continue
        assert matches(pattern, text) == expected, (pattern, text)


@pytest.mark.parametrize('pattern', ['(a+)+$', '(a|a)*b', 'a*a*a*a*a*b', 'a?' * 50 + 'a' * 50 + 'b', '(.*)*(.*)*x'])
def test_time_is_bounded(pattern):
    start = time.process_time()
    matches(pattern, 'a' * 2000 + 'c')
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    'pattern',
    [
        '(',
        ')',
        '[',
        '*a',
        'a**',
        '(?=a)',
        '(?i)a',
        r'\1',
        r'\b',
        '\\',
        'a{3,1}',
        'a{',
        'a{999}{999}',
        '(a{999}){9}',
        '[z-a]',
        '(' * 30 + ')' * 30,
    ],
)
def test_refused(pattern):
    with pytest.raises(ValidationError, match='Not a valid regular expression'):
        check_regexp(pattern)
    assert not matches(pattern, 'a')


@pytest.mark.parametrize(
    ('pattern', 'text'), [('[[a]', '['), ('[a&&b]', '&'), ('[a||b]', '|'), ('[~~]', '~'), ('[--a]', '-')]
)
def test_sets_have_no_operators(pattern, text):
    check_regexp(pattern)
    assert matches(pattern, text)


def test_what_is_no_text_never_matches():
    assert not matches('', None)
    assert not matches('1', 1)
