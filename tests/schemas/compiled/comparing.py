"""Whether the compiled way and marshmallow's own agree."""

import copy
import functools

from marshmallow import ValidationError

from colibris.persist.instances import instance_reader
from colibris.schemas.compiled import compile_dump, compile_load
from colibris.schemas.compiled.nesting import Nesting
from colibris.schemas.compiled.reading import UNUSUAL, Reading
from colibris.utils import json


def outcome(function, argument):
    """What a call gives: in words, so that the order of keys counts, and the types of values do too."""
    try:
        result = function(argument)
    except ValidationError as exc:
        return 'invalid', repr(exc.messages), repr(exc.valid_data), repr(exc.data)
    except Exception as exc:
        return 'failed', type(exc), str(exc)
    return 'result', repr(result), as_json(result)


def as_json(value):
    try:
        return json.dumps(value)
    except (TypeError, ValueError) as exc:
        return type(exc), str(exc)


loader = functools.lru_cache(maxsize=100)(compile_load)
dumper_of = functools.lru_cache(maxsize=100)(compile_dump)


def check_load(schema, data):
    """Both ways of loading give the same; the name of the way that the outcome has."""
    expected = outcome(schema.load, copy.deepcopy(data))
    assert outcome(loader(schema).load, copy.deepcopy(data)) == expected, schema.fields
    return expected[0]


def check_dump(schema, model, obj):
    """Both ways of dumping give the same."""
    dumper = dumper_of(schema, model)
    expected = outcome(schema.dump, obj)
    assert outcome(dumper.dump, obj) == expected, schema.fields
    if dumper.dump_records is not None and type(obj) is model:
        check_record(schema, model, tuple(obj.__data__.get(name) for name in model._meta.sorted_field_names))
    return dumper


def check_record(schema, model, record):
    """A row is written as the instance would be that Peewee makes of it; of two errors either one may be met first."""
    read, write = instance_reader(model), dumper_of(schema, model).dump_records
    expected = outcome(lambda records: [schema.dump(instance) for instance in read(records)], [record])
    found = outcome(write, [record])
    assert found == expected or found[0] == expected[0] == 'failed', (schema.fields, record)


def is_plain(schema, data):
    """Whether the generated function itself reads the data."""
    read = Reading(schema, schema.partial, schema.unknown, Nesting()).function()
    return read(copy.deepcopy(data)) is not UNUSUAL
