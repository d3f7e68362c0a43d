"""Driving coroutines, and plain code in them that waits."""

import asyncio
import contextvars
from functools import cmp_to_key

import pytest

from colibris import bridge
from colibris.bridge import BridgeError, drive, wait

from .pieces import call, give, plain, variable


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
