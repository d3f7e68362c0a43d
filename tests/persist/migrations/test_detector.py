"""What is asked, what is assumed, and what is refused."""

import datetime
import decimal
import enum
import uuid
from collections.abc import Callable
from typing import Any

import peewee
import pytest
from playhouse.fields import EnumField, IntEnumField

from colibris.persist.migrations import Answers, MigrationError, QuestionError, UnsupportedChangeError, draft
from colibris.persist.migrations.models import describe_model, state_of
from colibris.persist.migrations.questions import parse

from .workbench import Workbench, make_model


def users(**fields: Any) -> type[peewee.Model]:
    return make_model('User', name=peewee.CharField(max_length=10), **fields)


def answering(*answers: str) -> tuple[Callable[[str], str], list[str]]:
    asked: list[str] = []
    remaining = list(answers)

    def ask(question: str) -> str:
        asked.append(question)
        return remaining.pop(0)

    return ask, asked


def changes(bench: Workbench, *models: type[peewee.Model], **answers: Any) -> list[str]:
    drafted = draft(models, bench.directory, answers=Answers(**answers))
    return [] if drafted is None else list(drafted.changes)


def test_asks_whether_a_column_was_renamed(sqlite_bench: Workbench) -> None:
    sqlite_bench.make(users(age=peewee.IntegerField()))
    ask, asked = answering('y')
    assert changes(sqlite_bench, users(years=peewee.IntegerField()), ask=ask) == ['rename column user.age to years']
    assert asked == ['Was user.age renamed to user.years? [y/N] ']
    ask, asked = answering('', 'three', '3')
    assert changes(sqlite_bench, users(years=peewee.IntegerField()), ask=ask) == [
        'drop column user.age',
        'add column user.years',
    ]
    assert asked[1] == 'Column user.years may not be NULL. What do existing rows get? '
    assert asked[2] == "'three' is no value for years (IntegerField). Again: "


def test_does_not_ask_about_different_types(sqlite_bench: Workbench) -> None:
    sqlite_bench.make(users(age=peewee.IntegerField()))
    assert changes(sqlite_bench, users(city=peewee.TextField(null=True))) == [
        'drop column user.age',
        'add column user.city',
    ]


def test_says_what_it_assumes_when_nobody_can_be_asked(sqlite_bench: Workbench) -> None:
    sqlite_bench.make(users(age=peewee.IntegerField(null=True)))
    drafted = draft([users(years=peewee.IntegerField(null=True))], sqlite_bench.directory)
    assert drafted is not None
    assert drafted.assumptions == (
        'Was user.age renamed to user.years? Taken as no; if it was, make the migration with --rename user.age=years',
    )


def test_asks_whether_a_table_was_renamed(sqlite_bench: Workbench) -> None:
    sqlite_bench.make(users())
    account = make_model('Account', name=peewee.CharField(max_length=10))
    ask, asked = answering('yes')
    assert changes(sqlite_bench, account, ask=ask) == ['rename table user to account']
    assert asked == ['Was the table user renamed to account? [y/N] ']
    assert changes(sqlite_bench, account) == ['create table account', 'drop table user']


def test_unfitting_answers_are_refused(sqlite_bench: Workbench) -> None:
    sqlite_bench.make(users())
    with pytest.raises(QuestionError, match='age=years fits nothing'):
        changes(sqlite_bench, users(), renames=['age=years'])
    for default in ('years=1', 'user.years=1', '1'):
        with pytest.raises(QuestionError, match=f'--default {default} fits no column'):
            changes(sqlite_bench, users(), defaults=[default])
    with pytest.raises(QuestionError, match="'age' should be OLD=NEW"):
        Answers(renames=['age'])
    with pytest.raises(QuestionError, match='--default age=VALUE'):
        changes(sqlite_bench, users(age=peewee.IntegerField()))
    with pytest.raises(QuestionError, match="'x' is no value for age"):
        changes(sqlite_bench, users(age=peewee.IntegerField()), defaults=['x'])


def test_default_for_one_column_goes_before_the_general_one(sqlite_bench: Workbench) -> None:
    sqlite_bench.make(users())
    after = users(age=peewee.IntegerField(), size=peewee.IntegerField(), city=peewee.CharField())
    drafted = draft([after], sqlite_bench.directory, answers=Answers(defaults=['7', 'age=1', 'user.city=a=b']))
    assert drafted is not None
    assert "'age', IntegerField(), fill=1)" in drafted.source
    assert "'size', IntegerField(), fill=7)" in drafted.source
    assert "'city', CharField(max_length=255), fill='a=b')" in drafted.source


@pytest.mark.parametrize(
    ('field', 'text', 'expected'),
    [
        (peewee.CharField(), '12', '12'),
        (peewee.TextField(), "'quoted'", 'quoted'),
        (peewee.BooleanField(), 'yes', True),
        (peewee.BooleanField(), 'False', False),
        (peewee.DecimalField(), '1.50', decimal.Decimal('1.50')),
        (peewee.FloatField(), '2', 2.0),
        (peewee.DateField(), '2020-02-03', datetime.date(2020, 2, 3)),
        (peewee.DateTimeField(), '2020-02-03 04:05:06', datetime.datetime(2020, 2, 3, 4, 5, 6)),
        (peewee.JSONField(), '{"a": [1]}', {'a': [1]}),
    ],
)
def test_values_are_read_for_their_column(field: Any, text: str, expected: Any) -> None:
    column = describe_model(make_model('Table', value=field)).column('value')
    value = parse(column, text)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ('field', 'text'), [(peewee.BooleanField(), 'perhaps'), (peewee.DateField(), 'today'), (peewee.DecimalField(), 'x')]
)
def test_unfitting_values_are_refused(field: Any, text: str) -> None:
    with pytest.raises(QuestionError, match='is no value for value'):
        parse(describe_model(make_model('Table', value=field)).column('value'), text)


def test_changed_key_is_refused(sqlite_bench: Workbench) -> None:
    sqlite_bench.make(users())
    with pytest.raises(UnsupportedChangeError, match='primary key of table user changed from id to name'):
        changes(sqlite_bench, make_model('User', name=peewee.CharField(primary_key=True)))


def test_unresolved_reference_is_refused() -> None:
    with pytest.raises(MigrationError, match="Post: owner: the model 'nobody' that it points to does not exist"):
        state_of([make_model('Post', owner=peewee.DeferredForeignKey('Nobody'))])


def test_two_models_of_one_table_are_refused() -> None:
    with pytest.raises(MigrationError, match='A and B share the table t'):
        state_of([make_model('A', {'table_name': 't'}), make_model('B', {'table_name': 't'})])


def test_models_that_are_referred_to_belong_to_it() -> None:
    user = users()
    group = make_model('Group', members=peewee.ManyToManyField(user))
    post = make_model('Post', owner=peewee.ForeignKeyField(user))
    assert {*state_of([post, group]).tables} == {'post', 'user', 'group', 'group_user_through'}


class Colour(enum.Enum):
    RED = 'red'


class Level(enum.IntEnum):
    LOW = 1


class EmailField(peewee.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)


class PointField(peewee.Field):
    field_type = 'POINT'


def made_by_the_application() -> str:
    return 'x'


def test_files_do_not_depend_on_the_application(sqlite_bench: Workbench) -> None:
    model = make_model(
        'Thing',
        colour=EnumField(Colour, default=Colour.RED, max_length=9),
        level=IntEnumField(Level, default=Level.LOW),
        email=EmailField(unique=True),
        place=PointField(null=True),
        token=peewee.CharField(default=made_by_the_application),
    )
    drafted = draft([model], sqlite_bench.directory)
    assert drafted is not None
    for line in (
        "colour=CharField(max_length=9, default='red'),",
        'level=IntegerField(default=1),',
        'email=CharField(max_length=254, unique=True),',
        "place=RawField(sql_type='POINT', null=True),",
        'token=CharField(max_length=255),',
        'from colibris.persist.migrations.fields import RawField',
    ):
        assert line in drafted.source
    drafted.write()
    assert changes(sqlite_bench, model) == []
    sqlite_bench.migrate()


def test_default_of_the_application_is_called_once_for_existing_rows(sqlite_bench: Workbench) -> None:
    sqlite_bench.make(users())
    drafted = draft([users(token=peewee.CharField(default=made_by_the_application))], sqlite_bench.directory)
    assert drafted is not None
    assert "fill='x'" in drafted.source


def test_partial_and_expression_indexes(sqlite_bench: Workbench) -> None:
    model = users(age=peewee.IntegerField())
    model.add_index(model.name, model.age.desc(), where=(model.age > 18), name='adults')
    model.add_index(peewee.fn.LOWER(model.name), unique=True, name='lower_name')
    drafted = draft([model], sqlite_bench.directory)
    assert drafted is not None
    assert "'age' DESC" not in drafted.source
    drafted.write()
    sqlite_bench.migrate()
    assert changes(sqlite_bench, model) == []
    indexes = dict(sqlite_bench.rows("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
    assert indexes['adults'].endswith('("name", "age" DESC) WHERE ("age" > 18)')
    assert indexes['lower_name'].startswith('CREATE UNIQUE INDEX')
    assert changes(sqlite_bench, users(age=peewee.IntegerField())) != []


def test_state_of_a_key_that_is_a_reference(sqlite_bench: Workbench) -> None:
    user = make_model('User', id=peewee.UUIDField(primary_key=True, default=uuid.uuid4))
    profile = make_model('Profile', user=peewee.ForeignKeyField(user, primary_key=True))
    badge = make_model('Badge', profile=peewee.ForeignKeyField(profile))
    sqlite_bench.make(badge)
    sqlite_bench.migrate()
    assert changes(sqlite_bench, badge) == []
