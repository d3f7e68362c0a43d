"""``manage.py runworker``."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from colibris.commands.base import BaseCommand

__all__ = ['RunWorkerCommand']


class RunWorkerCommand(BaseCommand):
    """Run background tasks."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to work on, and for how long."""
        parser.add_argument(
            '--queue-name',
            action='append',
            metavar='NAME',
            default=[],
            help='a queue to work on; may be given several times, the most urgent first (default: all)',
        )
        parser.add_argument('--count', type=_positive, default=1, help='run so many tasks side by side (default: 1)')
        parser.add_argument('--burst', action='store_true', help='end when no task waits')
        parser.add_argument('--max-jobs', type=_positive, metavar='N', help='end each process after N tasks')
        parser.add_argument('--scheduler', action='store_true', help='enqueue what taskqueue.schedule() has registered')
        parser.add_argument('--reload', action='store_true', help="start anew when the project's files change")

    def handle(self, options: Namespace) -> int:
        """Work until a signal ends it."""
        from colibris.observability import observe_worker
        from colibris.taskqueue import WorkPlan, get_backend

        backend = get_backend()
        if options.reload:
            return _run_reloading()
        _import_project()
        observe_worker()
        plan = WorkPlan(
            tuple(dict.fromkeys(options.queue_name)),
            options.count,
            options.burst,
            options.max_jobs,
            options.scheduler,
        )
        return backend.work(plan)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f'{text!r} is no whole number from 1')
    return int(text)


def _import_project() -> None:
    """Import what tasks need, once for all of the processes that are forked later."""
    from colibris import persist
    from colibris.app.project import import_project_module
    from colibris.conf import settings
    from colibris.taskqueue.schedules import check_schedules

    import_project_module('tasks')
    if settings.DATABASE:
        persist.models_of(settings.PROJECT_PACKAGE_NAME)
    check_schedules()


def _run_reloading() -> int:
    from colibris.commands.reloading import run_reloading

    return run_reloading()
