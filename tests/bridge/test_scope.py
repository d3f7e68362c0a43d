"""What ends with a driven coroutine."""

import asyncio
import gc
import threading
import tracemalloc

import pytest

from colibris import bridge
from colibris.bridge import drive, wait

from .pieces import call, fail, give, plain


class TestClose:
    """A driven coroutine that is closed in the middle, as when its loop has gone."""

    async def test_runs_finally_blocks(self):
        seen = []

        def code():
            try:
                wait(asyncio.sleep(10))
            finally:
                seen.append('finally')

        coroutine = drive(call(code))
        coroutine.send(None)
        coroutine.close()
        assert seen == ['finally']
        assert await drive(give('goes on')) == 'goes on'

    async def test_finally_block_that_waits_is_reported_as_in_any_coroutine(self):
        def code():
            try:
                wait(asyncio.sleep(10))
            finally:
                plain()

        coroutine = drive(call(code))
        coroutine.send(None)
        with pytest.raises(RuntimeError, match='ignored GeneratorExit'):
            coroutine.close()
        coroutine.close()
        assert await drive(give('goes on')) == 'goes on'

    async def test_releases_what_needs_no_waiting(self):
        seen = []

        async def at_once():
            seen.append('at once')

        async def later():
            try:
                await asyncio.sleep(10)
            finally:
                seen.append('given up')

        async def code():
            bridge.current_scope().on_exit(at_once)
            bridge.current_scope().on_exit(later)
            await asyncio.sleep(10)

        coroutine = drive(code())
        coroutine.send(None)
        coroutine.close()
        assert seen == ['given up', 'at once']


class TestScope:
    async def test_exits_run_last_first(self):
        seen = []

        async def code():
            for name in 'abc':
                bridge.current_scope().on_exit(lambda name=name: call(seen.append, name))
            return 'result'

        assert await drive(code()) == 'result'
        assert seen == ['c', 'b', 'a']

    async def test_exits_run_after_an_error_and_all_of_them(self):
        seen = []

        async def code():
            scope = bridge.current_scope()
            scope.on_exit(lambda: call(seen.append, 'first'))
            scope.on_exit(lambda: fail(KeyError('exit')))
            scope.on_exit(lambda: call(seen.append, 'last'))
            raise ValueError('code')

        with pytest.raises(KeyError) as caught:
            await drive(code())
        assert isinstance(caught.value.__context__, ValueError)
        assert seen == ['last', 'first']

    async def test_exits_run_after_cancellation(self):
        seen, reached = [], asyncio.Event()

        async def release():
            await asyncio.sleep(0)
            seen.append('released')

        async def code():
            bridge.current_scope().on_exit(release)
            reached.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(drive(code()))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert seen == ['released']

    async def test_values_belong_to_one_coroutine(self):
        async def code(number):
            bridge.current_scope().values['key'] = number
            plain()
            return bridge.current_scope().values['key']

        assert await asyncio.gather(*(drive(code(number)) for number in range(20))) == list(range(20))


class TestResources:
    def test_runners_are_reused(self, monkeypatch):
        made = []

        class Counted(bridge._Runner):
            def __init__(self):
                made.append(self)
                super().__init__()

        monkeypatch.setattr(bridge, '_Runner', Counted)
        monkeypatch.setattr(bridge, '_idle', bridge._Idle())

        async def main():
            for number in range(100):
                assert await drive(call(plain, number)) == number
            assert len(made) == 1
            await asyncio.gather(*(drive(call(plain)) for _ in range(1000)))
            return len(bridge._idle.runners)

        assert asyncio.run(main()) == bridge._MAX_IDLE
        assert len(made) <= 1001

    def test_memory_does_not_grow(self):
        async def failing():
            try:
                await drive(call(lambda: wait(raising())))
            except ValueError:
                pass

        async def raising():
            await asyncio.sleep(0)
            raise ValueError('x' * 1000)

        async def cancelled():
            task = asyncio.create_task(drive(call(wait, asyncio.Event().wait())))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])

        async def rounds(number):
            for _ in range(number):
                await drive(call(plain))
            for _ in range(number // 50):
                await failing()
                await cancelled()

        async def main():
            await rounds(1000)
            gc.collect()
            gc.disable()
            tracemalloc.start()
            try:
                before = tracemalloc.get_traced_memory()[0]
                await rounds(20_000)
                return tracemalloc.get_traced_memory()[0] - before
            finally:
                tracemalloc.stop()
                gc.enable()

        assert asyncio.run(main()) < 100_000

    def test_threads_leave_nothing(self):
        def work():
            assert asyncio.run(drive(call(plain, 1))) == 1

        before = None
        for number in range(150):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
            if number == 50:
                gc.collect()
                before = len(gc.get_objects())
        gc.collect()
        assert len(gc.get_objects()) - before < 500
