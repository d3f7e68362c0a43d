"""What ``manage.py`` calls."""

import asyncio
import inspect
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Coroutine, Sequence
from typing import Any

from colibris.commands.base import BaseCommand, CommandError
from colibris.commands.registry import Registry
from colibris.errors import ColibrisError

__all__ = ['main']

FAILURE = 1
USAGE = 2
INTERRUPTED = 130


def main(package: str, argv: Sequence[str] | None = None) -> int:
    """Run a command of the project whose package is ``package``.

    :param argv: the arguments, without the program's name; those of the process by default.
    :returns: the exit status: 0 when all went well, 1 when the work failed, 2 when the arguments are wrong.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    wants_traceback = '--traceback' in arguments[:1]
    if wants_traceback:
        del arguments[0]
    try:
        status = _run(package, arguments, wants_traceback)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE


def _run(package: str, arguments: list[str], wants_traceback: bool) -> int:
    program = os.path.basename(sys.argv[0])
    registry = Registry(package)
    if not arguments or arguments[0] in ('-h', '--help', 'help'):
        print(_overview(program, registry))
        return 0
    try:
        command = registry.find(arguments[0])()
    except CommandError as exc:
        return _complain(program, f'{exc}\n\n{_overview(program, registry)}', USAGE)
    except ColibrisError as exc:
        return _fail(program, exc, wants_traceback)
    return _execute(command, program, package, arguments[1:], wants_traceback)


def _execute(command: BaseCommand, program: str, package: str, arguments: list[str], wants_traceback: bool) -> int:
    parser = ArgumentParser(prog=f'{program} {command.get_name()}', description=command.get_help())
    parser.add_argument('--traceback', action='store_true', help='show the traceback of an expected error too')
    command.add_arguments(parser)
    options = _parse(parser, command, arguments)
    wants_traceback = wants_traceback or options.traceback
    try:
        command.prepare(package)
        status = _call(command, options)
    except Exception as exc:
        if not _is_expected(exc):
            raise
        return _fail(program, exc, wants_traceback)
    finally:
        _close_database()
    return status if isinstance(status, int) else 0


def _parse(parser: ArgumentParser, command: BaseCommand, arguments: list[str]) -> Namespace:
    if not command.passes_arguments_on:
        return parser.parse_args(arguments)
    options, others = parser.parse_known_args(arguments)
    options.arguments = others
    return options


def _call(command: BaseCommand, options: Any) -> Any:
    result = command.handle(options)
    return asyncio.run(_drive(result)) if inspect.iscoroutine(result) else result


async def _drive(coroutine: Coroutine[Any, Any, Any]) -> Any:
    from colibris import bridge
    from colibris.conf.backends import start_backends, stop_backends

    bridge.install(asyncio.get_running_loop())
    await bridge.drive(start_backends())
    try:
        return await bridge.drive(coroutine)
    finally:
        await bridge.drive(stop_backends())


def _close_database() -> None:
    """Close the connection of this thread, if the command has used one."""
    persist = sys.modules.get('colibris.persist')
    database = persist and persist.slot.peek()
    if database is not None and not database.is_closed():
        database.close()


def _is_expected(error: Exception) -> bool:
    """Whether an error is a fault of the surroundings that a line explains."""
    peewee = sys.modules.get('peewee')
    database_errors = (peewee.OperationalError, peewee.InterfaceError) if peewee else ()
    return isinstance(error, (ColibrisError, *database_errors))


def _fail(program: str, error: Exception, wants_traceback: bool) -> int:
    if wants_traceback:
        raise error
    return _complain(program, str(error) or type(error).__name__, FAILURE)


def _complain(program: str, text: str, status: int) -> int:
    print(f'{program}: {text}', file=sys.stderr)
    return status


def _overview(program: str, registry: Registry) -> str:
    commands = registry.all()
    width = max(map(len, commands))
    lines = [f'  {name:<{width}}  {command.get_help()}' for name, command in commands.items()]
    return '\n'.join(
        [f'Usage: {program} COMMAND [OPTIONS]', '', 'Commands:', *lines, '', _HINT.format(program=program)]
    )


_HINT = "'{program} COMMAND --help' tells more about a command."
