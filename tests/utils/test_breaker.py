import pytest

from colibris.utils import breaker
from colibris.utils.breaker import CircuitBreaker


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 0.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(breaker, 'time', clock)
    return clock


def test_one_tries_while_the_others_go_on(clock):
    circuit = CircuitBreaker(5)
    assert circuit.allows()
    assert not circuit.is_open
    circuit.failed()
    assert circuit.is_open
    assert not circuit.allows()
    clock.now = 5
    assert [circuit.allows() for _ in range(3)] == [True, False, False]
    clock.now = 9.9
    assert not circuit.allows()
    clock.now = 10
    assert circuit.allows(), 'the one that tried has never come back'
    circuit.succeeded()
    assert not circuit.is_open
    assert circuit.allows()
    assert circuit.allows()


def test_it_is_left_alone_for_longer_and_longer(clock):
    circuit = CircuitBreaker(8, first=2)
    circuit.failed()
    for seconds in (2, 4, 8, 8):
        clock.now += seconds - 0.1
        assert not circuit.allows()
        clock.now += 0.1
        assert circuit.allows()
    circuit.succeeded()
    circuit.failed()
    clock.now += 2
    assert circuit.allows()
