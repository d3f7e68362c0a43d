"""What tests of an API often check."""

from typing import Any

__all__ = ['assert_is_envelope']

_KEYS = {'results', 'count', 'pages', 'page', 'page_size'}


def assert_is_envelope(
    data: Any,
    count: int | None = None,
    pages: int | None = None,
    page: int | None = None,
    page_size: int | None = None,
) -> None:
    """Check that an answer's content is a page of results, with the given numbers where they are given.

    :raises AssertionError: it is not; says why.
    """
    if not isinstance(data, dict) or set(data) != _KEYS or not isinstance(data['results'], list):
        raise AssertionError(f'no page of results (an object with {", ".join(sorted(_KEYS))}): {data!r}')
    expected = {'count': count, 'pages': pages, 'page': page, 'page_size': page_size}
    for name, value in expected.items():
        if value is not None and data[name] != value:
            raise AssertionError(f'{name} is {data[name]!r}, not {value!r}')
