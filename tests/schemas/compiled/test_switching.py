"""What a project overrides goes the general way, and only that."""

from typing import ClassVar

import peewee
import pytest
from marshmallow import Schema, ValidationError, decorators, validate

from colibris.schemas import fields
from colibris.schemas.compiled import compile_dump, compile_load

from .comparing import check_dump, check_load


class Row(peewee.Model):
    text = peewee.TextField(null=True)
    number = peewee.IntegerField(null=True)

    @property
    def double(self):
        return self.number * 2


class Loud(fields.String):
    def _serialize(self, value, attr, obj, **kwargs):
        return f'{attr} {obj.number} {value}!'

    def _deserialize(self, value, attr, data, **kwargs):
        return f'{attr} {sorted(data)} {sorted(kwargs)} {value}!'


class LoudOut(fields.String):
    def _serialize(self, value, attr, obj, **kwargs):
        return f'{value}!'


class LoudIn(fields.String):
    def _deserialize(self, value, attr, data, **kwargs):
        return f'{value}!'


class Mixin:
    def _serialize(self, value, attr, obj, **kwargs):
        return 'mixed'


class Mixed(Mixin, fields.String):
    pass


class Short(fields.Email):
    longest = 20


class Price(fields.ExactDecimal):
    """Sets options only."""

    default_error_messages: ClassVar = {'invalid': 'No price.'}

    def __init__(self, **options):
        super().__init__(places=2, as_string=True, **options)


class Changing(fields.String):
    """Decides anew each time whether it takes null."""

    @property
    def allow_none(self):
        return self._allow_none

    @allow_none.setter
    def allow_none(self, value):
        self._allow_none = value


ROWS = [Row(text='a', number=1), Row(number=2)]
BODY = {'text': 'a', 'number': 1}
BODIES = [BODY, {'text': 5, 'number': 1}, {'text': None, 'number': 'b'}, {}, {'number': 1, 'x': 2}]


def both(schema, *, load=(), dump=()):
    """Check both ways, and why parts go the general way."""
    assert compile_load(schema).reasons == load
    assert compile_dump(schema, Row).reasons == dump
    for row in ROWS:
        check_dump(schema, Row, row)
    for body in BODIES:
        check_load(schema, body)
    return compile_dump(schema, Row).dump


def schema_of(**declared):
    return Schema.from_dict({'number': fields.Integer(required=True), **declared})()


def test_nothing():
    assert both(schema_of(text=fields.String()))(ROWS[0]) == {'number': 1, 'text': 'a'}


def test_a_field_that_overrides_both():
    reason = ('text: Loud overrides _{}serialize',)
    dump = both(schema_of(text=Loud()), load=(reason[0].format('de'),), dump=(reason[0].format(''),))
    assert dump(ROWS[0]) == {'number': 1, 'text': 'text 1 a!'}
    assert compile_load(schema_of(text=Loud())).load(BODY)['text'] == "text ['number', 'text'] [] a!"


def test_a_field_that_overrides_one():
    both(schema_of(text=LoudOut()), dump=('text: LoudOut overrides _serialize',))
    both(schema_of(text=LoudIn()), load=('text: LoudIn overrides _deserialize',))
    both(schema_of(text=Mixed()), dump=('text: Mixed overrides _serialize',))


def test_a_field_that_overrides_options_only():
    both(schema_of(text=Short()))
    schema = schema_of(text=Price())
    both(schema)
    check_load(schema, {'number': 1, 'text': '1.505'})
    check_load(schema, {'number': 1, 'text': 'a'})


def test_an_option_that_is_a_property():
    reason = ('text: Changing overrides allow_none',)
    both(schema_of(text=Changing()), load=reason, dump=reason)


def test_a_method_that_an_instance_is_given():
    field = fields.String()
    field._serialize = lambda value, attr, obj, **kwargs: 'given'
    both(schema_of(text=field), dump=('text: String overrides _serialize',))

    class Given(Schema):
        text = fields.String()
        number = fields.Integer(required=True)

        def on_bind_field(self, field_name, field_obj):
            field_obj._deserialize = lambda value, attr, data, **kwargs: field_name

    reasons = tuple(
        f'{name}: {kind} overrides _deserialize' for name, kind in (('text', 'String'), ('number', 'Integer'))
    )
    both(Given(), load=reasons)


def test_options_that_are_set_when_a_field_is_bound():
    class Nullable(Schema):
        text = fields.String()
        number = fields.Integer(required=True)

        def on_bind_field(self, field_name, field_obj):
            field_obj.allow_none = True
            field_obj.data_key = field_name

    both(Nullable())
    assert check_load(Nullable(), {'text': None, 'number': None}) == 'result'


def test_a_field_of_a_kind_of_its_own():
    class Own(fields.Field):
        pass

    reason = ('text: nothing is known about Own',)
    both(schema_of(text=Own()), load=reason, dump=reason)


def test_functions_and_methods():
    class Computed(Schema):
        number = fields.Integer(required=True)
        double = fields.Integer(dump_only=True)
        text = fields.Method('get_text', deserialize='set_text')
        sum = fields.Function(lambda row: row.number + 1)
        none = fields.Method('get_none')
        absent = fields.String(dump_only=True)
        default = fields.String(dump_only=True, dump_default='d')

        def get_text(self, row):
            return f'{row.text}'

        def set_text(self, value):
            if value == 5:
                raise ValidationError('5')
            return value

        def get_none(self, row):
            return None

    dump = both(
        Computed(),
        load=('text: nothing is known about Method',),
        dump=(
            'double: Row.double is not simply a column',
            'text: nothing is known about Method',
            'sum: nothing is known about Function',
            'none: nothing is known about Method',
            'absent: Row.absent is not simply a column',
            'default: Row.default is not simply a column',
        ),
    )
    assert list(dump(ROWS[0])) == ['number', 'double', 'text', 'sum', 'none', 'default']


def test_pre_load_and_post_load_of_a_field():
    field = fields.String()
    field.pre_load, field.post_load = [lambda value: value and str(value)], [str.upper]  # new in marshmallow 4.3
    both(schema_of(text=field), load=('text: it has pre_load or post_load',))


def test_attributes_with_dots():
    schema = schema_of(text=fields.String(attribute='a.b'))
    both(
        schema,
        load=('GeneratedSchema has an attribute with a dot',),
        dump=('text: Row.a.b is not simply a column',),
    )


@pytest.mark.parametrize('hook', ['pre_load', 'post_load', 'pre_dump', 'post_dump'])
def test_hooks(hook):
    class Hooked(Schema):
        number = fields.Integer(required=True)
        text = fields.String()

        @getattr(decorators, hook)
        def touch(self, data, **kwargs):
            if isinstance(data, dict) and 'number' in data:
                data = {**data, 'number': f'{data["number"]}1'}
            return data

    reason = (f'Hooked has {hook}: touch',)
    both(Hooked(), **{hook.partition('_')[2]: reason})


def test_hooks_of_a_base_class():
    class Base(Schema):
        @decorators.post_load
        def make(self, data, **kwargs):
            return Row(**data)

    class Derived(Base):
        number = fields.Integer()

    assert compile_load(Derived()).reasons == ('Derived has post_load: make',)
    assert compile_load(Derived()).load({'number': 1}).number == 1


def test_validating_methods():
    class Validating(Schema):
        number = fields.Integer(required=True)
        text = fields.String()

        @decorators.validates('text')
        def check_text(self, value, data_key):
            raise ValidationError(f'{value} {data_key}')

    class Whole(Schema):
        number = fields.Integer(required=True)
        text = fields.String()

        @decorators.validates_schema
        def check(self, data, **kwargs):
            if data.get('number') == 1:
                raise ValidationError('one', 'number')

    both(Validating(), load=('Validating has validates: check_text',))
    both(Whole(), load=('Whole has validates_schema: check',))


@pytest.mark.parametrize('name', ['load', '_do_load', '_deserialize', 'dump', '_serialize', 'get_attribute'])
def test_methods_of_the_schema(name):
    class Changed(Schema):
        number = fields.Integer(required=True)

    def change(self, *args, **kwargs):
        result = getattr(Schema, name)(self, *args, **kwargs)
        return {**result, 'changed': True} if isinstance(result, dict) else result and 7

    setattr(Changed, name, change)
    schema = Changed()
    is_of_load = name in ('load', '_do_load', '_deserialize')
    reason = (f'Changed overrides {name}',)
    both(schema, **{'load' if is_of_load else 'dump': reason})
    given = schema_of()
    setattr(given, name, lambda *args, **kwargs: 5)
    function = compile_load(given).load if is_of_load else compile_dump(given, Row).dump
    assert function(BODY if is_of_load else ROWS[0]) in (5, {'number': 5})


def test_errors_are_handled_by_the_schema():
    class Handling(Schema):
        number = fields.Integer(required=True)

        def handle_error(self, error, data, *, many, **kwargs):
            raise ValueError(f'{error.messages} {data} {many} {sorted(kwargs)}')

    both(Handling())
    with pytest.raises(ValueError, match='Unknown field'):
        compile_load(Handling()).load({'number': 1, 'x': 1})


def test_another_class_of_dictionaries():
    class Ordered(dict):
        pass

    class Other(Schema):
        dict_class = Ordered
        number = fields.Integer(required=True)

    reason = ('Other has a dict_class',)
    both(Other(), load=reason, dump=reason)
    assert type(compile_load(Other()).load({'number': 1})) is Ordered


def test_many():
    schema = Schema.from_dict({'number': fields.Integer()})(many=True)
    assert compile_load(schema).load([{'number': 1}]) == [{'number': 1}]
    assert compile_dump(schema, Row).dump([ROWS[0]]) == [{'number': 1}]
    assert (
        compile_load(schema).reasons == compile_dump(schema, Row).reasons == ('GeneratedSchema is made with many=True',)
    )


def test_a_key_that_is_read_twice():
    schema = schema_of(text=fields.String(data_key='number', load_only=True))
    both(schema, load=('GeneratedSchema reads a key twice',))


def test_an_unknown_way_with_unknown_fields():
    schema = Schema.from_dict({'number': fields.Integer()})(unknown='ignore')
    assert compile_load(schema).reasons == ('GeneratedSchema has a way of its own with unknown fields',)
    check_load(schema, {'number': 1, 'x': 2})


@pytest.mark.parametrize('method', ['__getitem__', '__getattribute__'])
def test_a_model_with_ways_of_its_own(method):
    def get(self, name):
        return (
            object.__getattribute__(self, '__data__')[name] if name == 'number' else object.__getattribute__(self, name)
        )

    own = type('Own', (Row,), {method: get})
    schema = schema_of()
    assert compile_dump(schema, own).reasons == (f'Own has {method}',)
    check_dump(schema, own, own(number=5))


def test_what_cannot_be_compiled():
    schema = schema_of()
    schema.load_fields['number'] = schema.dump_fields['number'] = object()
    for compiled in (compile_load(schema), compile_dump(schema, Row)):
        assert compiled.reasons[0].startswith('GeneratedSchema cannot be compiled: AttributeError')


def test_odd_options():
    schema = schema_of(
        text=fields.Boolean(truthy=['yes'], falsy=['no']),
        a=fields.ExactDecimal(places=-1),
        b=fields.Date(format='%d.%m.%Y'),
        c=fields.TextInteger(strict=True),
        d=fields.String(validate=validate.OneOf(iter('ab'))),
        e=fields.Boolean(truthy=['yes'], falsy=[False]),
        f=fields.Boolean(truthy=[True, False], falsy=[False]),
        g=fields.Boolean(truthy=[True], falsy=['no']),
    )
    assert compile_load(schema).reasons == (
        'text: it takes other values than true and false',
        'a: places is negative',
        'b: it has a format of its own',
        'c: strict takes no text',
        *(f'{name}: it takes other values than true and false' for name in 'efg'),
    )
    for name in 'abcefg':
        for value in ('yes', 'no', True, False, '5', '15', '31.01.2026', '2026-01-31'):
            check_load(schema, {'number': 1, name: value})
            check_load(schema, {'number': 1, 'text': value})
