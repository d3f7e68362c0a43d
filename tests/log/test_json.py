import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colibris.log.json import JSONFormatter


def format_record(message, *args, exc_info=None, sinfo=None, **attributes):
    made = logging.LogRecord('name', logging.WARNING, __file__, 1, message, args, exc_info, sinfo=sinfo)
    vars(made).update(attributes)
    text = JSONFormatter().format(made)
    assert len(f'{text}.'.splitlines()) == 1
    assert text.isascii()
    return json.loads(text, parse_constant=pytest.fail)


def test_members():
    found = format_record('%s and %s', 1, 'two', operation_id='operation', created=1767225600.1234)
    assert found == {
        'time': '2026-01-01T00:00:00.123Z',
        'level': 'WARNING',
        'operation_id': 'operation',
        'logger': 'name',
        'message': '1 and two',
    }


def test_no_operation():
    assert format_record('text')['operation_id'] is None


def test_exceptions():
    try:
        raise ValueError('a\nb')
    except ValueError:
        found = format_record('failed', exc_info=sys.exc_info())
    assert found['exception'].startswith('Traceback (most recent call last):\n')
    assert found['exception'].endswith('ValueError: a\nb')
    assert format_record('failed', exc_text='made elsewhere')['exception'] == 'made elsewhere'
    assert format_record('where', sinfo='Stack\n  line')['stack'] == 'Stack\n  line'


def test_values_that_a_message_names():
    found = format_record('%(method)s took %(seconds).1f s', {'method': 'GET', 'seconds': 1.25})
    assert found['message'] == 'GET took 1.2 s'
    assert found['extra'] == {'method': 'GET', 'seconds': 1.25}
    assert format_record('%(a)s', {'a': 1}, b=2)['extra'] == {'a': 1, 'b': 2}


def test_traces():
    found = format_record('text', trace_id='trace', span_id='span')
    assert (found['trace_id'], found['span_id']) == ('trace', 'span')
    assert 'extra' not in found
    assert 'trace_id' not in format_record('text')


class Unprintable:
    def __str__(self):
        raise RecursionError


circle = []
circle.append(circle)


@pytest.mark.parametrize(
    ('value', 'shown'),
    [
        (5, 5),
        (None, None),
        ({'a': [1, 'x']}, {'a': [1, 'x']}),
        (ValueError('no'), 'no'),
        (float('nan'), 'nan'),
        ({(1, 2): 3}, '{(1, 2): 3}'),
        (circle, '[[...]]'),
    ],
)
def test_extra(value, shown):
    assert format_record('text', found=value)['extra'] == {'found': shown}


def test_extra_that_cannot_be_printed():
    assert 'Unprintable' in format_record('text', found=Unprintable())['extra']['found']


@given(st.text(), st.text(min_size=1))
def test_any_text(message, identifier):
    found = format_record('%s', message, operation_id=identifier)
    assert (found['message'], found['operation_id']) == (message, identifier)
