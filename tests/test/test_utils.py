"""What tests of an API often check."""

import pytest

from colibris.test import utils

PAGE = {'results': [1], 'count': 1, 'pages': 1, 'page': 1, 'page_size': 25}


def test_envelope():
    utils.assert_is_envelope(PAGE)
    utils.assert_is_envelope(PAGE, count=1, pages=1, page=1, page_size=25)


@pytest.mark.parametrize(
    'data',
    [None, [], {}, {**PAGE, 'results': None}, {**PAGE, 'more': 1}, {k: v for k, v in PAGE.items() if k != 'pages'}],
)
def test_no_envelope(data):
    with pytest.raises(AssertionError, match='no page of results'):
        utils.assert_is_envelope(data)


@pytest.mark.parametrize('name', ['count', 'pages', 'page', 'page_size'])
def test_other_numbers(name):
    with pytest.raises(AssertionError, match=f'{name} is {PAGE[name]}, not 0'):
        utils.assert_is_envelope(PAGE, **{name: 0})
