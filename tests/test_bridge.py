import asyncio
import contextvars
import gc
import subprocess
import sys
import textwrap
import threading
import traceback
import tracemalloc
import warnings
import weakref
from functools import cmp_to_key

import pytest
import uvloop

from colibris import bridge
from colibris.bridge import BridgeError, drive, wait

EAGER = pytest.mark.skipif(sys.version_info < (3, 12), reason='eager tasks came with Python 3.12')

variable = contextvars.ContextVar('variable', default='outside')


async def give(value=None):
    """A result after a turn of the loop."""
    await asyncio.sleep(0)
    return value


async def fail(error):
    await asyncio.sleep(0)
    raise error


def plain(value=None):
    """Plain code that waits."""
    return wait(give(value))


async def call(function, *args):
    return function(*args)


def new_tasks_driven(everywhere):
    bridge.install(asyncio.get_running_loop(), everywhere=everywhere)


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=['asyncio', 'uvloop'])
def run(request):
    """Run a coroutine on a new loop of either kind."""

    def run(coroutine):
        with asyncio.Runner(loop_factory=request.param) as runner:
            return runner.run(coroutine)

    return run


class TestDrive:
    def test_wait_gives_the_result(self, run):
        assert run(drive(call(plain, 7))) == 7

    def test_wait_does_not_block_the_loop(self, run):
        async def main():
            reached, released = asyncio.Event(), asyncio.Event()

            def code():
                reached.set()
                wait(released.wait())
                return 'done'

            task = asyncio.create_task(drive(call(code)))
            await reached.wait()
            assert not task.done()
            released.set()
            return await task

        assert run(main()) == 'done'

    def test_wait_for_every_kind_of_awaitable(self, run):
        async def main():
            future = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(future.set_result, 1)
            task = asyncio.create_task(give(2))
            return wait(future), wait(task), wait(asyncio.gather(give(3), give(4))), wait(asyncio.sleep(0, 5))

        assert run(drive(main())) == (1, 2, [3, 4], 5)

    def test_nested(self, run):
        def outer():
            return wait(drive(call(lambda: plain(1) + wait(bridge.run(plain, 2)))))

        assert run(drive(call(outer))) == 3

    def test_nested_drive_shares_the_scope(self, run):
        async def main():
            scope = bridge.current_scope()
            return scope is not None and await drive(call(bridge.current_scope)) is scope

        assert run(drive(main()))

    def test_run_calls_plain_code_from_a_coroutine(self, run):
        assert run(bridge.run(lambda a, *, b: plain(a) + b, 1, b=2)) == 3

    def test_is_driven_only_below_a_driven_coroutine(self, run):
        async def main():
            driven = await drive(call(bridge.is_driven))
            return bridge.is_driven(), driven, bridge.is_driven()

        assert run(main()) == (False, True, False)
        assert not bridge.is_driven()

    def test_task_stays_the_same(self, run):
        async def main():
            task = asyncio.current_task()
            seen = []

            def code():
                seen.append(asyncio.current_task())
                plain()
                seen.append(asyncio.current_task())

            await drive(call(code))
            return all(item is task for item in seen)

        assert run(main())

    def test_thousands_at_once(self, run):
        async def one(number):
            return plain(number) + await give(number) + plain(number)

        async def main():
            return await asyncio.gather(*(drive(one(number)) for number in range(3000)))

        assert run(main()) == [3 * number for number in range(3000)]


class TestPlainCode:
    """Places from which plain code may wait."""

    def test_callbacks(self, run):
        def main():
            by_key = sorted([3, 1, 2], key=plain)
            by_comparison = sorted([3, 1, 2], key=cmp_to_key(lambda a, b: plain(a) - plain(b)))
            return by_key, by_comparison, list(map(plain, 'ab')), {plain(n): n for n in range(2)}

        assert run(drive(call(main))) == ([1, 2, 3], [1, 2, 3], ['a', 'b'], {0: 0, 1: 1})

    def test_generators_properties_and_context_managers(self, run):
        class Thing:
            value = property(lambda self: plain('value'))

            def __enter__(self):
                return plain('entered')

            def __exit__(self, *exc_info):
                return plain(True)

        def main():
            with Thing() as entered:
                raise ValueError
            return entered, Thing().value, list(plain(n) for n in range(2))  # noqa: C400

        assert run(drive(call(main))) == ('entered', 'value', [0, 1])

    def test_async_generator_and_async_with(self, run):
        closed = []

        async def numbers():
            try:
                for number in range(3):
                    yield plain(number)
                    await asyncio.sleep(0)
            finally:
                closed.append(plain('closed'))

        class Manager:
            async def __aenter__(self):
                return plain('in')

            async def __aexit__(self, *exc_info):
                closed.append(plain('out'))

        async def main():
            async with Manager() as entered:
                result = [entered] + [number async for number in numbers()]
                async for _ in (rest := numbers()):
                    break
                await rest.aclose()
            return result

        assert run(drive(main())) == ['in', 0, 1, 2]
        assert closed == ['closed', 'closed', 'out']


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


class TestContext:
    def test_variables_are_seen_inside_and_outside(self, run):
        async def main():
            variable.set('before')
            seen = []

            async def code():
                seen.append(variable.get())
                variable.set('coroutine')
                wait(awaited())
                seen.append(variable.get())

            async def awaited():
                seen.append(variable.get())
                await asyncio.sleep(0)
                variable.set('awaited')

            await drive(code())
            return [*seen, variable.get()]

        assert run(main()) == ['before', 'coroutine', 'awaited', 'awaited']

    def test_tasks_have_their_own(self, run):
        async def one(name):
            variable.set(name)
            plain()
            seen = variable.get()
            await asyncio.sleep(0)
            return seen == variable.get() == name

        async def main():
            variable.set('main')
            results = await asyncio.gather(*(drive(one(str(number))) for number in range(50)))
            return all(results) and variable.get() == 'main'

        assert run(main())

    def test_wait_below_context_run(self, run):
        async def main():
            context = contextvars.copy_context()

            def code():
                variable.set('in context')
                return plain(variable.get())

            return context.run(code), variable.get()

        assert run(drive(main())) == ('in context', 'outside')

    def test_without_loop(self):
        def code():
            variable.set('before')

            async def awaited():
                seen = variable.get()
                variable.set(seen + ', awaited')

            wait(awaited())
            first = variable.get()
            variable.set('second')
            wait(awaited())
            return first, variable.get()

        assert contextvars.copy_context().run(code) == ('before, awaited', 'second, awaited')


class TestInstall:
    def test_spawned_tasks_are_driven(self, run):
        async def main():
            new_tasks_driven(everywhere=False)
            not_driven = asyncio.create_task(call(bridge.is_driven))
            driven = drive(spawn())
            return await not_driven, await driven

        async def spawn():
            return await asyncio.create_task(child(), name='child')

        async def child():
            plain()
            return await asyncio.create_task(call(plain, asyncio.current_task().get_name()))

        assert run(main()) == (False, 'child')

    def test_every_task_is_driven_everywhere(self, run):
        async def main():
            new_tasks_driven(everywhere=True)
            new_tasks_driven(everywhere=False)
            return await asyncio.create_task(call(plain, 1)), await asyncio.gather(call(plain, 2))

        assert run(main()) == (1, [2])

    def test_spawned_task_outlives_its_maker(self, run):
        async def main():
            new_tasks_driven(everywhere=False)
            release = asyncio.Event()

            def child():
                wait(release.wait())
                return bridge.current_scope() is not None

            async def maker():
                return asyncio.create_task(call(child)), bridge.current_scope()

            task, _ = await drive(maker())
            release.set()
            return await task

        assert run(main())

    def test_task_in_a_context(self, run):
        async def main():
            new_tasks_driven(everywhere=True)
            context = contextvars.copy_context()
            context.run(variable.set, 'given')
            return await asyncio.get_running_loop().create_task(call(lambda: plain(variable.get())), context=context)

        assert run(main()) == 'given'


@EAGER
class TestEagerTasks:
    """Eager tasks take their first step inside of whoever makes them, in the same greenlet."""

    @staticmethod
    def eager(coroutine):
        return asyncio.Task(coroutine, loop=asyncio.get_running_loop(), eager_start=True)

    def test_undriven_gets_one_clear_error(self):
        async def main():
            with pytest.raises(BridgeError, match=r'await bridge\.run'):
                await self.eager(call(plain))
            return plain('goes on'), bridge.is_driven()

        assert asyncio.run(drive(main())) == ('goes on', True)

    def test_driven_gives_right_results(self):
        async def child(number):
            scope = bridge.current_scope()
            result = plain(number) + plain(number)
            assert bridge.current_scope() is scope
            return result

        async def main():
            scope = bridge.current_scope()
            tasks = [self.eager(drive(child(number))) for number in range(20)]
            assert bridge.current_scope() is scope
            own = plain('own')
            return own, await asyncio.gather(*tasks)

        assert asyncio.run(drive(main())) == ('own', [2 * number for number in range(20)])

    def test_nested_and_mixed(self):
        async def leaf(number):
            plain()
            return number

        async def branch(number):
            tasks = [self.eager(drive(leaf(number * 10 + n))) for n in range(3)]
            plain()
            return [await task for task in tasks]

        async def main():
            tasks = [self.eager(drive(branch(number))) for number in range(3)]
            plain()
            return [await task for task in tasks]

        assert asyncio.run(drive(main())) == [[0, 1, 2], [10, 11, 12], [20, 21, 22]]

    def test_eager_task_factory(self):
        async def child(name):
            variable.set(name)
            with pytest.raises(BridgeError):
                plain()
            await asyncio.sleep(0)
            with pytest.raises(BridgeError):
                plain()
            return await bridge.run(plain, variable.get())

        async def main():
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
            tasks = [asyncio.create_task(child(name)) for name in 'abc']
            own = plain(variable.get())
            return own, await asyncio.gather(*tasks)

        assert asyncio.run(drive(main())) == ('outside', ['a', 'b', 'c'])

    def test_cancelled(self):
        async def main():
            task = self.eager(drive(call(wait, asyncio.Event().wait())))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return plain('goes on')

        assert asyncio.run(drive(main())) == 'goes on'


class TestUndriven:
    async def test_one_clear_sentence(self):
        with pytest.raises(BridgeError, match=r'^Plain code cannot wait here: a loop runs, .* await bridge\.run\('):
            plain()

    async def test_in_a_callback_of_the_loop(self):
        outcome = asyncio.get_running_loop().create_future()

        def callback():
            try:
                outcome.set_result(plain())
            except BridgeError as exc:
                outcome.set_exception(exc)

        async def code():
            asyncio.get_running_loop().call_soon(callback)
            wait(asyncio.wait([outcome]))

        await drive(code())
        assert isinstance(outcome.exception(), BridgeError)


class TestWithoutLoop:
    def test_result_and_error(self):
        assert plain(1) == 1
        with pytest.raises(ValueError, match='text'):
            wait(fail(ValueError('text')))

    def test_the_loop_stays_the_same(self):
        async def loop():
            return asyncio.get_running_loop()

        assert wait(loop()) is wait(loop())

    def test_plain_code_below_may_wait_too(self):
        async def code():
            return plain(1) + await asyncio.create_task(call(plain, 2))

        assert wait(code()) == 3

    def test_in_threads(self):
        results = []

        def work(number):
            results.append((number, plain(number), plain(number)))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        gc.collect()
        assert sorted(results) == [(number, number, number) for number in range(20)]

    async def test_in_a_thread_of_a_driven_coroutine(self):
        async def code():
            return await asyncio.to_thread(plain, 'thread'), plain('loop')

        assert await drive(code()) == ('thread', 'loop')

    def test_a_process_ends_quietly(self):
        code = """
            import os, threading, asyncio
            from colibris.bridge import wait
            wait(asyncio.sleep(0))
            thread = threading.Thread(target=lambda: wait(asyncio.sleep(0)))
            thread.start(); thread.join()
            print('done')
        """
        assert in_python(code) == 'done\n'

    def test_a_forked_child_leaves_the_loop_of_its_parent_alone(self):
        code = """
            import os, threading, asyncio
            from colibris.bridge import wait
            async def woken():
                loop = asyncio.get_running_loop()
                future = loop.create_future()
                threading.Timer(0.05, loop.call_soon_threadsafe, (future.set_result, None)).start()
                async with asyncio.timeout(5):
                    await future
            wait(asyncio.sleep(0))
            pid = os.fork()
            if not pid:
                wait(woken())
                import gc; gc.collect()
                raise SystemExit
            assert os.waitpid(pid, 0)[1] == 0
            wait(woken())
            print('done')
        """
        assert in_python(code) == 'done\n'


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


def in_python(code):
    """What another process with all warnings prints, on both of its channels."""
    arguments = [sys.executable, '-X', 'dev', '-W', 'ignore::DeprecationWarning', '-c', textwrap.dedent(code)]
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
    return done.stdout
