"""The comparison finds generators that are broken."""

import pytest
from hypothesis import Phase, given, settings
from marshmallow import fields as plain
from marshmallow import validate

from colibris.schemas import fields
from colibris.schemas.compiled import checking, dumping, loading, reading, source, writing

from .generated import dumps, loads
from .test_comparison import plenty, test_dumping, test_loading

_quick = settings(plenty, phases=[Phase.generate], report_multiple_bugs=False)

LOADING = {
    'booleans are integers': (loading.READERS, fields.Integer, lambda field, value, to: to.refuse(f'{value} is None')),
    'anything is a text': (loading.READERS, fields.String, lambda field, value, to: None),
    'null is raw': (loading.READERS, fields.Raw, lambda field, value, to: None),
    'decimals are not rounded': (
        loading.READERS,
        fields.ExactDecimal,
        lambda field, value, to: to.line(f'{value} = {to.name(loading.Decimal)}(str({value}))'),
    ),
    'offsets are forgotten': (
        loading.READERS,
        fields.UTCDateTime,
        lambda field, value, to: to.line(f'{value} = {to.name(loading.datetime)}.fromisoformat({value})'),
    ),
    'items are not read': (
        loading.READERS,
        plain.List,
        lambda field, value, to: to.refuse(f'type({value}) is not list'),
    ),
    'nested objects are not read': (loading.READERS, fields.Nested, lambda field, value, to: None),
    'no length is too long': (checking._CONDITIONS, validate.Length, lambda *_: ''),
    'limits are excluded': (
        checking._CONDITIONS,
        validate.Range,
        lambda validator, value, kind, to: f'{value} <= {to.literal(validator.min)}' if validator.min else '',
    ),
    'unknown fields are known': (reading.Reading, '_has_unknown', lambda self: 'False'),
    'nothing may lack': (reading.Reading, '_may_lack', lambda self, name: False),
    'what is nested is whole': (reading.Reading, '_inner_partial', lambda self: None),
    'every class is its base': (
        reading,
        'kind_of',
        lambda field, kinds, ignored: next(cls for cls in type(field).__mro__ if cls in kinds),
    ),
}
DUMPING = {
    'integers are as they are': (dumping.WRITERS, fields.Integer, lambda field, value, to: value),
    'texts are as they are': (dumping.WRITERS, fields.String, lambda field, value, to: value),
    'decimals are not rounded': (dumping.WRITERS, fields.Decimal, lambda field, value, to: f'{value} and str({value})'),
    'offsets are forgotten': (
        dumping.WRITERS,
        fields.UTCDateTime,
        lambda field, value, to: f"{value}.isoformat() + 'Z' if {value} else {value}",
    ),
    'items are as they are': (dumping.WRITERS, fields.List, lambda field, value, to: f'list({value})'),
    'attributes are forgotten': (
        writing,
        '_accessor',
        lambda model, name: next(iter(model._meta.fields.values()), None),
    ),
    'missing values are shown': (writing, 'missing', object()),
    'every class is its base': (
        writing,
        'kind_of',
        lambda field, kinds, ignored: next(cls for cls in type(field).__mro__ if cls in kinds),
    ),
    'all objects have one name': (
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
    break_it(monkeypatch, *LOADING[name])
    with pytest.raises(AssertionError):
        _quick(given(loads())(test_loading.hypothesis.inner_test))()


@pytest.mark.parametrize('name', DUMPING)
def test_dumping_is_found(name, monkeypatch):
    break_it(monkeypatch, *DUMPING[name])
    with pytest.raises(AssertionError):
        _quick(given(dumps())(test_dumping.hypothesis.inner_test))()
