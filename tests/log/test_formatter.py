import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colibris.log.formatter import LineFormatter


def record(message, *args, **kwargs):
    return logging.LogRecord('name', logging.INFO, __file__, 1, message, args, kwargs.pop('exc_info', None), **kwargs)


def caught(error):
    try:
        raise error
    except type(error):
        return sys.exc_info()


@pytest.fixture
def formatter():
    return LineFormatter('%(levelname)s %(name)s: %(message)s')


@pytest.mark.parametrize(
    ('sent', 'shown'),
    [
        ('a\nb', 'a\\nb'),
        ('a\r\nb', 'a\\r\\nb'),
        ('a\tb  c', 'a\tb  c'),
        ('\x1b[31mred', '\\x1b[31mred'),
        ('\x9b31m\x85', '\\x9b31m\\x85'),
        ('\u2028\u2029\x0b\x0c\x1c', '\\u2028\\u2029\\x0b\\x0c\\x1c'),
        ('\u202egnp.exe', '\\u202egnp.exe'),
        ('\ud800', '\\ud800'),
        ('ä€😀', 'ä€😀'),
        ('\x00\x7f', '\\x00\\x7f'),
    ],
)
def test_one_line(formatter, sent, shown):
    assert formatter.format(record('%s', sent)) == f'INFO name: {shown}'


@given(st.text())
def test_any_text(sent):
    text = LineFormatter('%(message)s').format(record('%s', sent))
    assert len(f'{text}.'.splitlines()) == 1
    assert text.encode() is not None


def test_traceback_lines_are_indented_and_clean(formatter):
    error = ValueError('sent\nINFO name: forged\r\x1b[31m')
    lines = formatter.format(record('failed', exc_info=caught(error))).split('\n')
    assert lines[0] == 'INFO name: failed'
    assert lines[1] == '  Traceback (most recent call last):'
    assert lines[-2:] == ['  ValueError: sent', '  INFO name: forged\\r\\x1b[31m']
    assert all(line.startswith('  ') for line in lines[1:])


def test_traceback_that_another_formatter_has_made(formatter):
    made = record('failed', exc_info=caught(ValueError('sent\nforged')))
    plain = logging.Formatter().format(made)
    assert formatter.format(made).endswith('\n  ValueError: sent\n  forged')
    assert logging.Formatter().format(made) == plain


def test_traceback_as_text_only(formatter):
    made = record('failed')
    made.exc_text = 'Traceback\nforged'
    assert formatter.format(made) == 'INFO name: failed\n  Traceback\n  forged'


def test_stack(formatter):
    assert formatter.format(record('text', sinfo='Stack\n  line')) == 'INFO name: text\n  Stack\n    line'
