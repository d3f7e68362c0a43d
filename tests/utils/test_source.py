"""The text of generated functions."""

import pytest

from colibris.utils.source import Source

HOSTILE = ['"', "'", '\\', '\n', '{}', '\x00', '\ud800', '\u2028', "'); import os; ('", '"""', "\\'", 'ü', '']


def build(source):
    return source.defined('make', 'test')


VALUES = [*HOSTILE, 0, -1, 2**70, 10**4000, True, None, 1.5, float('nan'), b'a', [1], object()]


@pytest.mark.parametrize('value', VALUES, ids=range(len(VALUES)))
def test_a_literal_is_the_value(value):
    source = Source()
    with source.block('def make():'):
        source.line(f'return {source.literal(value)}')
    made = build(source)()
    assert made is value or (made == value and type(made) is type(value))


def test_a_text_of_another_class_has_a_name():
    class Text(str):
        __slots__ = ()

        def __repr__(self):
            return 'exit()'

    source = Source()
    text = Text('a')
    assert source.literal(text) == source.name(text) == 'k0'


def test_an_object_has_one_name():
    source = Source(GIVEN=1)
    first, second = [], []
    assert source.name(first) == source.name(first)
    assert source.name(first) != source.name(second)


def test_an_empty_block():
    source = Source()
    with source.block('def make():'):
        pass
    assert build(source)() is None


def test_lines_that_are_taken_back():
    source = Source()
    with source.block('def make():'):
        with pytest.raises(KeyError), source.all_or_nothing(), source.block('if True:'):
            source.line('return 1')
            raise KeyError
        source.line('return 2')
    assert build(source)() == 2


def test_lines_that_are_put_aside():
    source = Source()
    with source.block('def make():'):
        with source.aside() as later:
            source.line('return found')
        source.line('found = 1')
        source.extend(later)
    assert build(source)() == 1


def test_variables_differ():
    source = Source()
    assert len({source.variable() for _ in range(100)}) == 100
