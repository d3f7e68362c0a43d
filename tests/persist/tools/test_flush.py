import pytest

from colibris import persist
from colibris.persist.migrations.history import TABLE
from colibris.persist.tools import FlushError, count_rows, flush

from .models import Note, Person, Thing
from .test_dump_and_load import fill


def test_every_table_is_emptied_but_the_history_stays(tables):
    fill()
    counts = count_rows(tables)
    assert counts['person'] == 4
    assert counts['note'] == 2
    flush(tables)
    assert set(count_rows(tables).values()) == {0}
    assert tables.database.execute_sql(f'SELECT COUNT(*) FROM {TABLE}').fetchone()[0] == 1
    flush(tables)


def test_keys_count_from_one_again(tables):
    fill()
    flush(tables)
    assert Person.create(name='x').id == 1


def test_tables_that_are_not_there_do_not_matter(tables):
    Note.create(text='a')
    tables.database.execute_sql('DROP TABLE membership')
    assert 'membership' not in count_rows(tables)
    flush(tables)
    assert Note.select().count() == 0


def test_foreign_keys_are_as_strict_afterwards(tables):
    flush(tables)
    with pytest.raises(persist.IntegrityError):
        Thing.create(owner=99)


def test_a_table_without_a_model_refers_to_a_row(tables, engine):
    if engine == 'mysql':
        pytest.skip('MySQL checks no foreign keys meanwhile')
    Person.create(name='x')
    tables.database.execute_sql('CREATE TABLE other (person_id INTEGER NOT NULL REFERENCES person (id))')
    tables.database.execute_sql('INSERT INTO other VALUES (1)')
    with pytest.raises(FlushError, match='a table without a model refers to the rows'):
        flush(tables)
    assert Person.select().count() == 1
