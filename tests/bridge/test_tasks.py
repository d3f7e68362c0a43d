"""Tasks that driven code spawns."""

import asyncio
import contextvars

import pytest

from colibris import bridge
from colibris.bridge import BridgeError, drive, wait

from .pieces import EAGER, call, new_tasks_driven, plain, variable


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
