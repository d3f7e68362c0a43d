"""Errors and cancellation pass through the bridge."""

import asyncio
import gc
import traceback
import warnings
import weakref

import pytest

from colibris.bridge import drive, wait

from .pieces import call, fail, give, new_tasks_driven, plain


class TestErrors:
    def test_exception_passes_through_with_its_traceback(self, run):
        def deep():
            wait(fail(ValueError('text')))

        with pytest.raises(ValueError, match='text') as caught:
            run(drive(call(deep)))
        names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
        assert names.index('call') < names.index('deep') < names.index('fail')
        assert 'raise error' in ''.join(traceback.format_exception(caught.value))

    def test_exception_can_be_caught_by_plain_code(self, run):
        def main():
            try:
                wait(fail(KeyError('x')))
            except KeyError as exc:
                return plain(exc.args)

        assert run(drive(call(main))) == ('x',)

    @pytest.mark.parametrize('kind', [KeyboardInterrupt, SystemExit])
    def test_exits_pass_through(self, kind):
        with pytest.raises(kind):
            asyncio.run(drive(call(lambda: wait(fail(kind())))))

    @pytest.mark.parametrize('how', ['raised', 'awaited', 'thrown'])
    def test_no_exception_is_kept_alive(self, how):
        class Error(Exception):
            pass

        references = []

        def error():
            exception = Error()
            references.append(weakref.ref(exception))
            return exception

        async def raise_error():
            await asyncio.sleep(0)
            raise error()

        async def wait_for_ever():
            try:
                await asyncio.Event().wait()
            finally:
                raise error()

        def code():
            if how == 'raised':
                raise error()
            wait(raise_error() if how == 'awaited' else wait_for_ever())

        async def main():
            task = asyncio.create_task(drive(call(code)))
            await asyncio.sleep(0)
            if how == 'thrown':
                task.cancel()
            try:
                await task
            except Error:
                pass
            del task

        gc.collect()
        gc.disable()
        try:
            asyncio.run(main())
            assert [reference() for reference in references] == [None]
        finally:
            gc.enable()

    @pytest.mark.parametrize('waits', [True, False])
    def test_no_cancellation_is_kept_alive(self, waits):
        references = []

        async def code():
            try:
                if waits:
                    wait(asyncio.Event().wait())
                await asyncio.Event().wait()
            except asyncio.CancelledError as exc:
                references.append(weakref.ref(exc))
                raise

        async def main():
            task = asyncio.create_task(drive(code()))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])

        gc.collect()
        gc.disable()
        try:
            asyncio.run(main())
            assert [reference() for reference in references] == [None]
        finally:
            gc.enable()

    def test_result_is_not_kept_alive(self):
        class Result:
            pass

        async def main():
            result = await drive(give(Result()))
            reference = weakref.ref(result)
            del result
            return reference() is None

        assert asyncio.run(main())


class TestCancellation:
    def test_during_wait(self, run):
        async def main():
            reached, cleaned = asyncio.Event(), []

            def code():
                try:
                    reached.set()
                    wait(asyncio.Event().wait())
                finally:
                    cleaned.append(plain('waited in finally'))

            task = asyncio.create_task(drive(call(code)))
            await reached.wait()
            task.cancel('reason')
            with pytest.raises(asyncio.CancelledError, match='reason'):
                await task
            return cleaned, task.cancelled()

        assert run(main()) == (['waited in finally'], True)

    def test_can_be_survived(self, run):
        async def main():
            reached = asyncio.Event()

            def code():
                try:
                    reached.set()
                    wait(asyncio.Event().wait())
                except asyncio.CancelledError:
                    return plain('survived')

            task = asyncio.create_task(drive(call(code)))
            await reached.wait()
            task.cancel()
            return await task

        assert run(main()) == 'survived'

    def test_reaches_the_awaited_coroutine(self, run):
        async def main():
            seen = []

            async def inner():
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    seen.append('inner')
                    raise

            task = asyncio.create_task(drive(call(wait, inner())))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return seen

        assert run(main()) == ['inner']

    def test_timeout_around_plain_code(self, run):
        async def main():
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.001):
                    wait(asyncio.Event().wait())
            return plain('goes on')

        assert run(drive(main())) == 'goes on'

    def test_wait_for_and_task_group(self, run):
        async def main():
            new_tasks_driven(everywhere=False)
            with pytest.raises(TimeoutError):
                wait(asyncio.wait_for(asyncio.Event().wait(), 0.001))
            with pytest.raises(ExceptionGroup):
                async with asyncio.TaskGroup() as group:
                    group.create_task(call(wait, asyncio.Event().wait()))
                    group.create_task(call(wait, fail(ValueError())))
            return plain('goes on')

        assert run(drive(main())) == 'goes on'

    def test_before_the_first_step_leaves_no_warning(self, run):
        async def main():
            new_tasks_driven(everywhere=True)
            task = asyncio.create_task(give())
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            del task

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            run(main())
            gc.collect()
        assert not caught
