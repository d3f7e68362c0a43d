"""The endpoints that tell how the service is: to people, to balancers, to orchestrators."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from aiohttp import web

from colibris import persist
from colibris.api import ServiceUnavailable
from colibris.api.envelope import PlainEnvelope
from colibris.conf.project import project_name, project_version
from colibris.health.errors import HealthException, NotReady
from colibris.health.readiness import check_backends
from colibris.persist.slot import slot as persist_slot
from colibris.views.responses import finish
from colibris.views.shutdown import SHUTDOWN

__all__ = ['live', 'make_health_view', 'ready', 'status']

HealthView = Callable[[web.Request], Any]


def _described(problems: Mapping[int, str]) -> Callable[[HealthView], HealthView]:
    """Mark a view: its answers are as bare as balancers expect them, and the documentation names its problems.

    aiohttp_apispec's decorator ``docs`` would do the latter, but would be imported for this alone.
    """

    def decorate(view: Any) -> HealthView:
        view.envelope_class = PlainEnvelope
        responses = {status: {'description': text} for status, text in problems.items()}
        view.__apispec__ = {'tags': ['health'], 'responses': responses}
        return cast('HealthView', view)

    return decorate


def make_health_view(get_health: Callable[[], Any] | None) -> HealthView:
    """The view of ``/health``.

    :param get_health: the project's own check, plain or async: returns what is answered, or raises
        :class:`~colibris.health.HealthException`.
    """

    @_described({HealthException.status: 'The service is not healthy.'})
    async def health(request: web.Request) -> Any:
        """Tell whether the service is healthy."""
        return await finish(get_health()) if get_health else 'healthy'

    return health


@_described({})
async def live(request: web.Request) -> str:
    """Tell that the process answers."""
    return 'alive'


@_described({NotReady.status: 'The service is not ready.'})
async def ready(request: web.Request) -> dict[str, str]:
    """Tell whether the service can do its work: by setting, what each backend that it needs says.

    :raises NotReady: shutdown has begun, or a backend does not answer.
    """
    if request.app[SHUTDOWN].has_begun:
        raise NotReady('the service is shutting down', code='shutting_down')
    found = await check_backends()
    problems = {name: problem for name, problem in found.items() if problem}
    if problems:
        raise NotReady(f'the service is not ready: {", ".join(problems)}', details=problems)
    return dict.fromkeys(found, 'ready')


@_described({ServiceUnavailable.status: 'The database does not answer.'})
def status(request: web.Request) -> dict[str, str | None]:
    """Tell the service's name and version, and with a database the last migration that has been applied to it.

    :raises ServiceUnavailable: the database cannot say.
    """
    answer: dict[str, str | None] = {'name': project_name(), 'version': project_version() or 'N/A'}
    if persist_slot.is_configured:
        answer['last_migration'] = _last_migration()
    return answer


def _last_migration() -> str | None:
    from colibris.persist.migrations.history import History  # here, because it takes its time

    try:
        entries = History(persist.get_database()).entries().values()
    except persist.PeeweeException as exc:
        raise ServiceUnavailable('the database does not answer') from exc
    applied = [(entry.applied, entry.name) for entry in entries if entry.applied is not None]
    return max(applied)[1] if applied else None
