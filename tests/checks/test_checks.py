import pytest

from colibris import checks
from colibris.checks.builtin import deployment


@pytest.fixture
def registry():
    return checks.Registry()


def test_the_worst_comes_first(registry):
    @registry.register
    def one():
        yield checks.warning('x.W002', 'two')
        yield checks.error('x.E001', 'one', 'hint')

    @registry.register
    def other():
        return [checks.warning('x.W001', 'one')]

    assert [problem.id for problem in registry.run()] == ['x.E001', 'x.W001', 'x.W002']
    assert registry.run()[0] == checks.Problem('x.E001', checks.Severity.ERROR, 'one', 'hint')


def test_those_of_production_run_when_they_are_asked_for(registry):
    @registry.register(deploy=True)
    def one():
        yield checks.warning('x.W001', 'one')

    assert registry.run() == []
    assert [problem.id for problem in registry.run(deploy=True)] == ['x.W001']
    assert list(one()) == registry.run(deploy=True)


def test_extensions_that_are_missing(monkeypatch):
    assert list(deployment.check_extensions()) == []
    monkeypatch.setitem(deployment._EXTENSIONS, 'fast', 'colibris.no_such_extension')
    (problem,) = deployment.check_extensions()
    assert (problem.id, problem.message) == ('colibris.W016', 'fast runs without its C extension, many times slower')
