"""The comparison finds generators that are broken."""

import pytest
from hypothesis import Phase, given, settings
from marshmallow import fields as plain

from colibris.schemas import fields
from colibris.schemas.compiled import dumping, loading, reading, writing
from colibris.utils import source

from . import test_comparison
from .generated import dumps, loads

_quick = settings(test_comparison.plenty, max_examples=2000, phases=[Phase.generate], report_multiple_bugs=False)


def base_of(field, kinds, ignored):
    return next(cls for cls in type(field).__mro__ if cls in kinds)


# The kinds of fields that show it, and what is replaced by what.

LOADING = {
    'numbers are integers': (
        ('Integer',),
        loading.READERS,
        fields.Integer,
        lambda field, value, to: to.refuse(f'{value} is None'),
    ),
    'anything is a text': (('String',), loading.READERS, fields.String, lambda field, value, to: None),
    'decimals are not rounded': (
        ('ExactDecimal, 1',),
        loading.READERS,
        fields.ExactDecimal,
        lambda field, value, to: to.line(f'{value} = {to.name(loading.Decimal)}(str({value}))'),
    ),
    'offsets are forgotten': (
        ('UTCDateTime',),
        loading.READERS,
        fields.UTCDateTime,
        lambda field, value, to: to.line(f'{value} = {to.name(loading.datetime)}.fromisoformat({value})'),
    ),
    'items are not read': (
        ('StrictInteger',),
        loading.READERS,
        plain.List,
        lambda field, value, to: to.refuse(f'type({value}) is not list'),
    ),
    'nested objects are not read': (('Price',), loading.READERS, fields.Nested, lambda field, value, to: None),
    'unknown fields are known': (('Boolean',), reading.Reading, '_has_unknown', lambda self: 'False'),
    'every class is its base': (('Loud',), reading, 'kind_of', base_of),
}
DUMPING = {
    'integers are as they are': (
        ('Integer, as text',),
        dumping.WRITERS,
        fields.Integer,
        lambda field, value, to: value,
    ),
    'texts are as they are': (('String',), dumping.WRITERS, fields.String, lambda field, value, to: value),
    'decimals are not rounded': (
        ('Decimal, 1',),
        dumping.WRITERS,
        fields.Decimal,
        lambda field, value, to: f'{value} and str({value})',
    ),
    'offsets are forgotten': (
        ('UTCDateTime',),
        dumping.WRITERS,
        fields.UTCDateTime,
        lambda field, value, to: f"{value}.isoformat() + 'Z' if {value} else {value}",
    ),
    'items are as they are': (('UUID',), dumping.WRITERS, fields.List, lambda field, value, to: f'list({value})'),
    'attributes are forgotten': (
        ('Date',),
        writing,
        '_accessor',
        lambda model, name: next((vars(model)[column] for column in model._meta.fields), None),
    ),
    'missing values are shown': (('Raw',), writing, 'missing', object()),
    'every class is its base': (('Loud',), writing, 'kind_of', base_of),
    'all objects have one name': (
        ('Price', 'UUID'),
        source.Source,
        'name',
        lambda self, value: self._names.setdefault('one', value) and 'one',
    ),
}


def break_it(monkeypatch, owner, name, broken):
    if isinstance(owner, dict):
        monkeypatch.setitem(owner, name, broken)
    else:
        monkeypatch.setattr(owner, name, broken)


@pytest.mark.parametrize('name', LOADING)
def test_loading_is_found(name, monkeypatch):
    likely, *broken = LOADING[name]
    break_it(monkeypatch, *broken)
    with pytest.raises(AssertionError):
        _quick(given(loads(likely))(test_comparison.test_loading.hypothesis.inner_test))()


@pytest.mark.parametrize('name', DUMPING)
def test_dumping_is_found(name, monkeypatch):
    likely, *broken = DUMPING[name]
    break_it(monkeypatch, *broken)
    with pytest.raises(AssertionError):
        _quick(given(dumps(likely))(test_comparison.test_dumping.hypothesis.inner_test))()
