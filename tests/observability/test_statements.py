"""What may be told of a statement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colibris.observability.statements import LONGEST, operation_of, shape_of


@pytest.mark.parametrize(
    ('sql', 'shape'),
    [
        ('SELECT "t1"."id" FROM "a" AS "t1"', 'SELECT "t1"."id" FROM "a" AS "t1"'),
        ('SELECT `t1`.`id` FROM `a` LIMIT 10', 'SELECT `t1`.`id` FROM `a` LIMIT ?'),
        ('SELECT %s, $1', 'SELECT %s, $1'),
        ("SELECT 'secret', E'se\\'cret', 'it''s', x'00', 1, 1.5, -2e10", 'SELECT ?, ?, ?, ?, ?, ?, -?'),
        ('SELECT $$secret$$, $tag$sec$$ret$tag$', 'SELECT ?, ?'),
        ("SELECT 'never ends", 'SELECT ?'),
        ('SELECT 1\n  FROM a', 'SELECT ? FROM a'),
        ('SELECT a IN (?, ?, ?)', 'SELECT a IN (?, …)'),
        ('SELECT a IN (%s, %s)', 'SELECT a IN (%s, …)'),
        ('INSERT INTO a VALUES (?, ?), (?, ?), (?, ?)', 'INSERT INTO a VALUES (?, …), …'),
        ('INSERT INTO a VALUES (?), (?)', 'INSERT INTO a VALUES (?), …'),
        ('', ''),
    ],
)
def test_shape(sql, shape):
    assert shape_of(sql) == shape


@pytest.mark.parametrize(
    ('sql', 'operation'),
    [('select 1', 'SELECT'), ('  ((SELECT 1) UNION (SELECT 2))', 'SELECT'), ('BEGIN IMMEDIATE', 'BEGIN'), ('', '')],
)
def test_operation(sql, operation):
    assert operation_of(sql) == operation


def test_long_statements_are_cut():
    assert len(shape_of('SELECT ' + ', '.join(f'"column{number}"' for number in range(100_000)))) == LONGEST
    assert len(shape_of("SELECT '" + 'x' * 1_000_000)) < LONGEST


@given(st.text(alphabet='abc \n;', min_size=1), st.sampled_from(['?', '%s', '"name"', 'LIMIT']))
def test_no_literal_is_told(secret, around):
    assert shape_of(f"SELECT {around} 'SECRET{secret}' FROM b") == f'SELECT {around} ? FROM b'
