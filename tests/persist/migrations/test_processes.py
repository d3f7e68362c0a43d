"""Several processes, and killed ones."""

import ast
import signal
import time
from pathlib import Path

import peewee

from .workbench import Workbench, make_model

PAUSE = """
import time
from pathlib import Path

from colibris.persist import AutoField, CharField

FLAG = Path({flag!r})


def up(schema):
    schema.create_table('first', id=AutoField(), name=CharField(max_length=10))
    schema.run(pause)
    schema.create_table('second', id=AutoField())


def down(schema):
    schema.drop_table('second')
    schema.drop_table('first')


def pause(models):
    models['first'].create(name='x')
    if not FLAG.exists():
        FLAG.touch()
        time.sleep(60)
"""


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_eight_at_once_apply_once(workbench: Workbench) -> None:
    for count in range(1, 4):
        workbench.make(*(make_model(f'Table{number}', name=peewee.CharField(index=True)) for number in range(count)))
    processes = [workbench.start() for _ in range(8)]
    results = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, results
    applied = sorted((ast.literal_eval(out) for out, _ in results), key=len)
    assert applied[:-1] == [[]] * 7
    assert len(applied[-1]) == 3
    assert workbench.migrate() == []


def test_killed_one_leaves_no_lock_and_the_next_goes_on(workbench: Workbench, tmp_path: Path) -> None:
    flag = tmp_path / 'flag'
    workbench.write('0001_pause.py', PAUSE.format(flag=str(flag)))
    process = workbench.start()
    wait_for(flag)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert workbench.migrate() == ['0001_pause']
    assert workbench.rows('SELECT "name" FROM "first"') == [('x',)]
    assert workbench.rows('SELECT * FROM "second"') == []
    assert workbench.migrate('zero') == ['0001_pause']
    assert workbench.schema() == []


def test_waiting_one_says_so(workbench: Workbench, tmp_path: Path) -> None:
    flag = tmp_path / 'flag'
    workbench.write('0001_pause.py', PAUSE.format(flag=str(flag)).replace('sleep(60)', 'sleep(1)'))
    process = workbench.start()
    wait_for(flag)
    assert workbench.migrate() == []
    assert workbench.report == ['Waiting for another migrate to end.']
    assert process.wait(timeout=20) == 0
    process.communicate()
