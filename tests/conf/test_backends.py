import asyncio
import threading
import time

import pytest

from colibris.conf import settings
from colibris.conf.backends import (
    Backend,
    BackendNotConfigured,
    BackendSlot,
    check_backends,
    start_backends,
    stop_backends,
)
from colibris.conf.definitions import DEFINITIONS, Setting, is_backend
from colibris.errors import ConfigurationError

events = []


class Contract(Backend):
    """The contract of a made-up area."""


class Simple(Contract):
    def __init__(self, name, size=1, *, flag=False):
        self.name = name

    async def start(self):
        events.append(f'start {self.name}')
        if self.name == 'fails to start':
            raise OSError(self.name)

    async def stop(self):
        await asyncio.sleep(0)
        events.append(f'stop {self.name}')
        if self.name == 'fails to stop':
            raise OSError(self.name)

    def __len__(self):
        return 0


class Tolerant(Contract):
    def __init__(self, **options):
        self.options = options


class Picky(Contract):
    def __init__(self, kind='configuration'):
        raise {'configuration': ConfigurationError, 'value': ValueError, 'type': TypeError}[kind]('said no')


class Slow(Contract):
    def __init__(self):
        time.sleep(0.02)


class Stranger:
    pass


def function():
    """Not a class at all."""


first = BackendSlot('FIRST', Contract)
second = BackendSlot('SECOND', Contract)
HERE = __name__


@pytest.fixture(autouse=True)
def _slots(project, monkeypatch):
    """Two areas, both without a backend."""
    for name in ('FIRST', 'SECOND'):
        setting = Setting(name, {}, is_backend, 'A backend.', f'{HERE}.{name.lower()}')
        monkeypatch.setitem(DEFINITIONS, name, setting)
    project()
    events.clear()


def configured(**values):
    return settings.override(
        **{name: {'backend': f'{HERE}.{path}', **options} for name, (path, options) in values.items()}
    )


class TestCheck:
    @pytest.mark.parametrize(
        ('configuration', 'expected'),
        [
            ({}, []),
            ({'backend': 'Simple', 'name': 'x'}, []),
            ({'backend': 'Simple', 'name': 'x', 'size': 2, 'flag': True}, []),
            ({'backend': 'Tolerant', 'anything': 1}, []),
            ({'backend': 'Missing'}, [f"module '{HERE}' has no 'Missing'"]),
            ({'backend': 'Stranger'}, [f'{HERE}.Stranger is no subclass of {HERE}.Contract']),
            ({'backend': 'function'}, [f'{HERE}.function is no subclass of {HERE}.Contract']),
            ({'backend': 'Simple'}, ["'name' is missing"]),
            (
                {'backend': 'Simple', 'size': 1, 'b': 1, 'a': 2},
                ["'a' is not known to Simple", "'b' is not known to Simple", "'name' is missing"],
            ),
        ],
    )
    def test_problems(self, configuration, expected):
        if configuration:
            configuration['backend'] = f'{HERE}.{configuration["backend"]}'
        with settings.override(FIRST=configuration):
            lines = first.check()
        assert [line.rpartition('}: ')[2] for line in lines] == expected
        assert all(line.startswith('FIRST = {') for line in lines)

    def test_wrong_form_and_wrong_path(self):
        with settings.override(FIRST={'name': 'x'}):
            assert first.check() == ["FIRST = {'name': 'x'}: needs an entry 'backend', the dotted path of a class"]
        with settings.override(FIRST={'backend': 'nowhere.Class'}):
            assert "there is no module 'nowhere'" in first.check()[0]

    def test_everything_in_one_error_without_secrets(self):
        both = configured(FIRST=('Simple', {'password': 'hidden'}), SECOND=('Stranger', {'token': 'hidden'}))
        with both, pytest.raises(ConfigurationError) as caught:
            check_backends()
        lines = str(caught.value).splitlines()
        assert [line.partition(' = ')[0] for line in lines] == ['FIRST', 'FIRST', 'SECOND']
        assert 'hidden' not in str(caught.value)

    def test_nothing_is_made(self):
        with configured(FIRST=('Picky', {})):
            check_backends()


class TestGet:
    def test_created_once(self):
        with configured(FIRST=('Simple', {'name': 'x'})):
            assert first.peek() is None
            backend = first.get()
            assert first.get() is backend
            assert first.peek() is backend
            assert backend.name == 'x'

    def test_created_once_by_many_threads(self):
        made = []
        with configured(FIRST=('Slow', {})):
            start = threading.Barrier(8)

            def work():
                start.wait()
                made.append(first.get())

            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len(set(map(id, made))) == 1

    def test_another_setting_makes_another_for_as_long(self):
        with configured(FIRST=('Simple', {'name': 'x'})):
            backend = first.get()
            with configured(FIRST=('Simple', {'name': 'y'})):
                assert first.get().name == 'y'
            assert first.get() is backend

    def test_not_configured(self):
        assert not first.is_configured
        assert not first.is_available
        with pytest.raises(BackendNotConfigured, match=r'^FIRST is not set$'):
            first.get()

    def test_default(self):
        slot = BackendSlot('FIRST', Contract, f'{HERE}.Tolerant')
        assert slot.is_configured
        assert isinstance(slot.get(), Tolerant)
        assert slot.get() is slot.get()

    def test_wrong_setting(self):
        with configured(FIRST=('Simple', {'nmae': 1})), pytest.raises(ConfigurationError, match="'nmae' is not known"):
            first.get()

    @pytest.mark.parametrize('kind', ['configuration', 'value', 'type'])
    def test_constructor_that_refuses(self, kind):
        message = r"^FIRST = \{.*'kind': '\w+'\}: said no$"
        with configured(FIRST=('Picky', {'kind': kind})), pytest.raises(ConfigurationError, match=message):
            first.get()

    def test_without_settings(self, clean_settings):
        clean_settings.__dict__.clear()
        assert not first.is_available
        assert first.peek() is None


class TestReplace:
    def test_within_the_block(self):
        with configured(FIRST=('Simple', {'name': 'x'})):
            backend = first.get()
            with first.replace(Simple('y')) as other:
                assert first.get() is first.peek() is other
                with first.replace(Simple('z')):
                    assert first.get().name == 'z'
                assert first.get() is other
            assert first.get() is first.peek() is backend

    def test_without_a_setting(self):
        with pytest.raises(KeyError), first.replace(Simple('y')):
            assert first.is_configured
            assert first.is_available
            raise KeyError
        assert not first.is_configured


class TestStartAndStop:
    async def test_order(self):
        with configured(FIRST=('Simple', {'name': '1'}), SECOND=('Simple', {'name': '2'})):
            await start_backends()
            await stop_backends()
        assert events == ['start 1', 'start 2', 'stop 2', 'stop 1']

    async def test_one_that_was_never_made_is_not_stopped(self):
        with configured(FIRST=('Simple', {'name': '1'}), SECOND=('Simple', {'name': '2'})):
            first.get()
            await stop_backends()
        assert events == ['stop 1']

    async def test_all_or_none_are_started(self):
        both = configured(FIRST=('Simple', {'name': '1'}), SECOND=('Simple', {'name': 'fails to start'}))
        with both, pytest.raises(OSError, match='fails to start'):
            await start_backends()
        assert events == ['start 1', 'start fails to start', 'stop fails to start', 'stop 1']

    async def test_all_are_stopped_though_one_fails(self):
        with configured(FIRST=('Simple', {'name': '1'}), SECOND=('Simple', {'name': 'fails to stop'})):
            await start_backends()
            with pytest.raises(OSError, match='fails to stop'):
                await stop_backends()
        assert events[-2:] == ['stop fails to stop', 'stop 1']

    async def test_no_backend_has_to_do_anything(self):
        with configured(FIRST=('Tolerant', {})):
            await start_backends()
            await stop_backends()
