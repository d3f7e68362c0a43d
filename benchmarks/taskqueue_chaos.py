"""Are tasks lost when workers are killed with SIGKILL at random, and Redis is killed and started anew?

    python benchmarks/taskqueue_chaos.py [TASKS]

Two ``manage.py runworker --count 2`` run the tasks; killed are their supervisors, their workers, the processes of
single tasks, or all of them at once. Redis keeps its log file. Half of the tasks have retries. Printed is what has
become of the tasks; the exit status is 1 if one has vanished.
"""

import logging
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.taskqueue.chaos import run_chaos

TASKS = 10_000
TASKS_PER_KILL = 100
TASKS_PER_RESTART = 1000


def main(tasks=TASKS):
    logging.disable()
    with tempfile.TemporaryDirectory() as directory:
        outcome = run_chaos(directory, tasks, tasks // TASKS_PER_KILL, tasks // TASKS_PER_RESTART, pause=1)
    print(outcome)
    return int(bool(outcome.vanished or outcome.left))


if __name__ == '__main__':
    sys.exit(main(*map(int, sys.argv[1:])))
