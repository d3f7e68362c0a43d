"""Waiting where no loop runs."""

import asyncio
import gc
import threading

import pytest

from colibris.bridge import drive, wait

from .pieces import call, fail, in_python, plain


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

    @pytest.mark.parametrize('how', ['fork()', 'thread = threading.Thread(target=fork); thread.start(); thread.join()'])
    def test_a_forked_child_leaves_the_loops_of_its_parent_alone(self, how):
        code = """
            import os, threading, asyncio
            from colibris.bridge import wait
            async def woken():
                loop = asyncio.get_running_loop()
                future = loop.create_future()
                threading.Timer(0.05, loop.call_soon_threadsafe, (future.set_result, None)).start()
                async with asyncio.timeout(5):
                    await future
            def fork():
                pid = os.fork()
                if not pid:
                    wait(woken())
                    import gc; gc.collect()
                    raise SystemExit
                assert os.waitpid(pid, 0)[1] == 0
            wait(asyncio.sleep(0))
            FORK
            wait(woken())
            print('done')
        """
        assert in_python(code.replace('FORK', how)) == 'done\n'
