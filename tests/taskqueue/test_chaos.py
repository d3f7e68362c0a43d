"""Whatever is killed, no task is lost; ``benchmarks/taskqueue_chaos.py`` does the same for longer."""

from colibris.taskqueue.rq import recovery, supervisor, worker
from tests.taskqueue.chaos import hasten, run_chaos

PROMISED_SECONDS = 60
TASKS = 200


def test_nothing_is_lost(tmp_path):
    outcome = run_chaos(tmp_path, tasks=TASKS, kills=6, restarts=2, preface=hasten())
    assert len(outcome.accepted) == TASKS
    assert not outcome.vanished, outcome
    assert not outcome.left, outcome
    assert outcome.runs, outcome


def test_lost_tasks_are_found_in_time():
    """These tests hasten that; otherwise it takes as long, and Redis may have been away meanwhile."""
    silence = worker.RUN_SECONDS + worker.HEARTBEAT_SECONDS + supervisor.RECOVERY_SECONDS
    assert silence + recovery.STUCK_SECONDS < PROMISED_SECONDS
