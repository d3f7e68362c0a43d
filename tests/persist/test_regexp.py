"""Regular expressions."""

import time

import pytest

from colibris.errors import MissingDependencyError
from colibris.persist.regexp import compile_regexp, matches


@pytest.mark.parametrize('pattern', ['(a+)+$', '(a|a)*b', 'a*a*a*a*a*b', 'a?' * 50 + 'a' * 50 + 'b', '(.*)*(.*)*x'])
def test_time_is_bounded(pattern):
    start = time.process_time()
    assert not matches(pattern, 'a' * 2000 + 'c')
    assert time.process_time() - start < 1


@pytest.mark.parametrize('pattern', ['(', '*a', '(?=a)', r'\1', '\\', '[z-a]', 'a{999}{999}'])
def test_refused(pattern, capfd):
    with pytest.raises(ValueError, match=r'.'):
        compile_regexp(pattern)
    assert capfd.readouterr() == ('', '')


def test_what_is_no_text_never_matches():
    assert not matches('', None)
    assert not matches('1', 1)
    assert matches('é.$', 'caféx')


def test_without_re2(monkeypatch):
    compile_regexp.cache_clear()
    monkeypatch.setitem(__import__('sys').modules, 're2', None)
    with pytest.raises(MissingDependencyError, match=r'colibris\[regexp\]'):
        compile_regexp('a')
