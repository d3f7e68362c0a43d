"""Texts that are matched against patterns."""

import pytest
from marshmallow import ValidationError, validate

from colibris.schemas import fields

ADDRESS = 'a' * 64 + '@' + 'b.' * 93 + 'de'


@pytest.mark.parametrize(
    ('field', 'text'),
    [
        (fields.Email(), 'ada@shop.example'),
        (fields.Email(), ADDRESS[1:]),
        (fields.Url(), 'https://shop.example/?q=1#here'),
        (fields.URL(relative=True), '/here'),
    ],
)
def test_right(field, text):
    assert field.deserialize(text) == text


@pytest.mark.parametrize(
    ('field', 'text', 'problem'),
    [
        (fields.Email(), 'ada', 'Not a valid email address.'),
        (fields.Email(), 'ada@shop.example\n', 'Not a valid email address.'),
        (fields.Email(), ADDRESS + 'de', 'Longer than maximum length 254.'),
        (fields.Url(), 'shop', 'Not a valid URL.'),
        (fields.URL(), 'https://shop.example/' + 'a' * 9000, 'Longer than maximum length 8192.'),
        (fields.Email(validate=validate.Length(max=5)), 'ada@shop.example', 'Longer than maximum length 5.'),
    ],
)
def test_wrong(field, text, problem):
    with pytest.raises(ValidationError) as caught:
        field.deserialize(text)
    assert caught.value.messages == [problem]


@pytest.mark.parametrize('kind', [fields.Email, fields.Url])
def test_patterns_see_no_long_text(kind, monkeypatch):
    """With ten million characters they would keep the event loop for seconds."""
    seen = []
    for validator in (validate.Email, validate.URL):
        monkeypatch.setattr(validator, '__call__', lambda self, value: seen.append(value) or value)
    with pytest.raises(ValidationError):
        kind().deserialize('"' + '\\"' * 1_000_000 + '"@shop.example')
    assert seen == []
