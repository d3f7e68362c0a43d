"""Backend slots: how a setting becomes an object, for every area alike.

An area declares one slot: ``slot = BackendSlot('CACHE', CacheBackend)``. The setting names the class by dotted path;
its other entries are the constructor's arguments: ``{'backend': 'colibris.cache.redis.RedisBackend', 'port': 6379}``.
"""

import contextlib
import inspect
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar, cast

from colibris.conf import settings
from colibris.conf.definitions import DEFINITIONS, is_backend
from colibris.conf.settings import mask
from colibris.errors import ConfigurationError
from colibris.utils.imports import import_string

__all__ = [
    'Backend',
    'BackendNotConfigured',
    'BackendSlot',
    'check_backend',
    'check_backends',
    'configured_backends',
    'make_backend',
    'problems_of',
    'start_backends',
    'stop_backends',
]

B = TypeVar('B', bound='Backend')


class BackendNotConfigured(ConfigurationError):
    """The setting that would name this backend is empty."""


class Backend:
    """What every backend of every area can do besides its area's own work."""

    async def start(self) -> None:
        """Get ready, when the server starts. Must not need a reachable service: it may come up later."""

    async def stop(self) -> None:
        """Let go of everything held open, when the server stops."""

    def connectivity_check(self) -> Any:
        """Reach the service behind the backend; by default there is none to be reached. May be async.

        It has to wait through the bridge or be a coroutine function, so that others are not kept waiting; who calls it
        limits the time.

        :returns: ``False`` if the service does not answer.
        :raises Exception: it does not, and this is why.
        """


class BackendSlot(Generic[B]):
    """The place of one area's backend.

    :param setting: the name of the setting that configures it.
    :param contract: the class that a backend must inherit.
    :param default: the dotted path used while the setting is empty; without it :meth:`get` raises then.
    """

    def __init__(self, setting: str, contract: type[Any], default: str | None = None) -> None:
        self.setting = setting
        self.contract = contract
        self.default = default
        self._made: dict[int, tuple[Any, B]] = {}  # by the setting's identity; the setting itself keeps that valid
        self._lock = threading.Lock()
        self._replacement: B | None = None

    @property
    def configuration(self) -> dict[str, Any]:
        """The setting's value, or the default's."""
        return getattr(settings, self.setting) or ({'backend': self.default} if self.default else {})

    @property
    def is_configured(self) -> bool:
        """Whether there is a backend at all."""
        return self._replacement is not None or bool(self.configuration)

    @property
    def is_available(self) -> bool:
        """Whether settings are loaded, and they name a backend."""
        return settings.is_loaded and self.is_configured

    def get(self) -> B:
        """The backend, made when it is first asked for.

        :raises BackendNotConfigured: the setting is empty, and the area has no default.
        :raises ConfigurationError: the setting is wrong.
        """
        if self._replacement is not None:
            return self._replacement
        configured = getattr(settings, self.setting)
        made = self._made.get(id(configured))
        return made[1] if made else self._make_once(configured)

    def check(self) -> list[str]:
        """Every problem of the setting, a line each; nothing is made."""
        return [self._problem(text) for text in check_backend(self.configuration, self.contract)]

    @contextmanager
    def replace(self, backend: B) -> Iterator[B]:
        """Have another backend within a ``with`` block; meant for tests. Starting and stopping it is up to them."""
        before, self._replacement = self._replacement, backend
        try:
            yield backend
        finally:
            self._replacement = before

    def peek(self) -> B | None:
        """The backend if it has been made."""
        if self._replacement is not None:
            return self._replacement
        made = self._made.get(id(vars(settings).get(self.setting, self)))
        return made[1] if made else None

    def _make_once(self, configured: Any) -> B:
        with self._lock:
            if id(configured) not in self._made:
                self._made[id(configured)] = (configured, self._make())
            return self._made[id(configured)][1]

    def _make(self) -> B:
        if not self.configuration:
            raise BackendNotConfigured(f'{self.setting} is not set')
        problems = self.check()
        if problems:
            raise ConfigurationError('\n'.join(problems))
        try:
            return cast('B', make_backend(self.configuration))
        except (ConfigurationError, TypeError, ValueError) as exc:
            raise ConfigurationError(self._problem(str(exc))) from exc

    def _problem(self, text: str) -> str:
        return f'{self.setting} = {mask(self.setting, self.configuration)}: {text}'


def check_backend(configuration: Any, contract: type[Any]) -> list[str]:
    """Every problem of a backend's configuration, a line each; nothing is made."""
    problem = is_backend(configuration)
    if problem:
        return [problem]
    if not configuration:
        return []
    try:
        backend_class = import_string(configuration['backend'])
    except ConfigurationError as exc:
        return [str(exc)]
    if not (isinstance(backend_class, type) and issubclass(backend_class, contract)):
        return [f'{configuration["backend"]} is no subclass of {_path(contract)}']
    return _check_arguments(backend_class, {key: value for key, value in configuration.items() if key != 'backend'})


def problems_of(name: str, values: Mapping[str, Any]) -> list[str]:
    """Every problem of a backend's setting among settings that are not loaded; none if its outer form is wrong."""
    configuration = values[name]
    if is_backend(configuration):
        return []
    slot: BackendSlot[Any] = import_string(str(DEFINITIONS[name].slot))
    return [f'{name} = {mask(name, configuration)}: {text}' for text in check_backend(configuration, slot.contract)]


def make_backend(configuration: dict[str, Any]) -> Any:
    """The backend that a configuration names, which has to be without problems."""
    arguments = dict(configuration)
    backend_class = import_string(arguments.pop('backend'))
    return backend_class(**arguments)


def check_backends() -> None:
    """Check the setting of every area that the project configures.

    :raises ConfigurationError: with one line for each problem.
    """
    problems = [problem for slot in _configured_slots() for problem in slot.check()]
    if problems:
        raise ConfigurationError('\n'.join(problems))


async def start_backends() -> None:
    """Make and start the backend of every area that the project configures; all or none."""
    started: list[Backend] = []
    try:
        for slot in _configured_slots():
            started.append(slot.get())
            await _start(slot)
    except BaseException:
        await _stop(started)
        raise


async def _start(slot: BackendSlot[Any]) -> None:
    try:
        await slot.get().start()
    except ConfigurationError as exc:
        raise ConfigurationError(f'{slot.setting}: {exc}') from exc


async def stop_backends() -> None:
    """Stop every backend that has been made, last started first.

    :raises Exception: what the first one that failed has raised, after all have been stopped.
    """
    await _stop([backend for slot in _configured_slots() if (backend := slot.peek()) is not None])


def configured_backends() -> dict[str, Backend]:
    """The backends that the project configures, by the names of their settings."""
    return {slot.setting: slot.get() for slot in _configured_slots()}


async def _stop(backends: list[Backend]) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for backend in backends:
            stack.push_async_callback(backend.stop)


def _configured_slots() -> list[BackendSlot[Any]]:
    return [
        import_string(setting.slot)
        for setting in DEFINITIONS.values()
        if setting.slot and getattr(settings, setting.name)
    ]


def _check_arguments(backend_class: type, arguments: dict[str, Any]) -> list[str]:
    signature = inspect.signature(backend_class)
    accepted = signature.parameters.values()
    problems = []
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in accepted):
        unknown = sorted(set(arguments) - set(signature.parameters))
        problems += [f'{name!r} is not known to {backend_class.__name__}' for name in unknown]
    required = [
        p.name for p in accepted if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    ]
    problems += [f'{name!r} is missing' for name in required if name not in arguments]
    return problems


def _path(cls: type) -> str:
    return f'{cls.__module__}.{cls.__qualname__}'
