"""What is known about an HTTP method of an endpoint."""

import inspect
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from colibris import authentication, authorization
from colibris.authentication.null import NullBackend as NullAuthentication
from colibris.authorization import Permissions
from colibris.authorization.null import NullBackend as NullAuthorization
from colibris.docs.metadata import Metadata
from colibris.docs.paths import PathTemplate, PathVariable, read_path
from colibris.docs.words import identifier, plural, without_suffix, words
from colibris.middleware.rate_limits import read_rules, rules_of
from colibris.utils.origins import SAFE_METHODS
from colibris.views import CreateMixin, DestroyMixin, ListMixin, ModelView, RetrieveMixin, UpdateMixin
from colibris.views.routing import Endpoint

__all__ = ['METHODS', 'Kind', 'Operation']

METHODS = ('GET', 'HEAD', 'OPTIONS', 'TRACE', 'POST', 'PUT', 'PATCH', 'DELETE')

Kind = Literal['list', 'create', 'get', 'replace', 'update', 'delete']

_KINDS: dict[tuple[type, str], Kind] = {
    (ListMixin, 'get'): 'list',
    (CreateMixin, 'post'): 'create',
    (RetrieveMixin, 'get'): 'get',
    (UpdateMixin, 'put'): 'replace',
    (UpdateMixin, 'patch'): 'update',
    (DestroyMixin, 'delete'): 'delete',
}


@dataclass(frozen=True)
class Operation:
    """An HTTP method of an endpoint, and the facts that its description is made from."""

    endpoint: Endpoint
    method: str

    @cached_property
    def view(self) -> Any:
        """The view class or function."""
        return self.endpoint.view

    @cached_property
    def target(self) -> Any:
        """The function that answers."""
        return self.endpoint.target(self.method)

    @cached_property
    def metadata(self) -> Metadata:
        """What the target's decorators say."""
        return Metadata(self.target)

    @cached_property
    def path(self) -> PathTemplate:
        """The path."""
        return read_path(self.endpoint.path)

    @property
    def is_class(self) -> bool:
        """Whether the view is a class."""
        return isinstance(self.view, type)

    @cached_property
    def model(self) -> Any:
        """The model of a model view, or ``None``."""
        return self.view.model if self.is_class and issubclass(self.view, ModelView) else None

    @cached_property
    def kind(self) -> Kind | None:
        """What the method does in a model view, by the mixin that brought it; ``None`` in other views."""
        if self.model is None:
            return None
        kinds = (_KINDS.get((cls, self.method.lower())) for cls in self.view.__mro__)
        return next((kind for kind in kinds if kind), None)

    @property
    def lookup_variable(self) -> PathVariable | None:
        """The variable of the path that names a model view's row."""
        if self.model is None:
            return None
        variables = self.path.variables
        default = variables[0].name if len(variables) == 1 else self.view.get_lookup_model_field().name
        name = self.view.url_identifier or default
        return next((variable for variable in variables if variable.name == name), None)

    # Names and texts

    @property
    def noun(self) -> str:
        """What the view is about, in the singular: rows of its model, unless it is always the same row."""
        is_model = self.model and (self.kind in ('list', 'create') or self.lookup_variable)
        return words(self.model.__name__ if is_model else without_suffix(self.view.__name__, 'APIView', 'View'))

    @property
    def name(self) -> str:
        """The operation's identifier, as far as it follows from the view."""
        if self.kind:
            return identifier(f'{self.kind} {plural(self.noun) if self.kind == "list" else self.noun}')
        if self.is_class:
            return f'{self.method.lower()}_{identifier(self.noun)}'
        name = identifier(getattr(self.view, '__name__', type(self.view).__name__))
        return name if self.method == self.endpoint.methods[0] else f'{name}_{self.method.lower()}'

    @cached_property
    def texts(self) -> tuple[str, str]:
        """The summary and the description."""
        own = '' if self.is_class and _is_framework(self.target) else _docstring(self.target)
        shared = '' if not self.is_class or _is_framework(self.view) else _docstring(self.view)
        if own:
            summary, _, description = own.partition('\n')
            return summary, description.strip() or shared
        if shared and len(self.endpoint.methods) == 1:
            summary, _, description = shared.partition('\n')
            return summary, description.strip()
        return self._derived_summary, shared

    @property
    def summary(self) -> str:
        """A line about what the operation does."""
        return str(self.metadata.get('summary') or self.texts[0].removesuffix('.'))

    @property
    def description(self) -> str:
        """More about it, and the permissions that it takes."""
        text = self.metadata.get('description') or self.texts[1]
        groups = (' or '.join(f'`{item}`' for item in sorted(group)) for group in self.permissions.groups)
        demand = ' and '.join(groups)
        return '\n\n'.join(part for part in (text, demand and f'Needs the permission {demand}.') if part)

    @property
    def _derived_summary(self) -> str:
        if self.kind == 'list':
            return f'List {plural(self.noun)}'
        if self.kind and (self.kind == 'create' or self.lookup_variable):
            article = 'an' if self.noun[:1] in 'aeio' else 'a'
            return f'{self.kind.capitalize()} {article} {self.noun}'
        return words(self.name).capitalize()

    @cached_property
    def tags(self) -> list[str]:
        """The groups that the operation belongs to."""
        explicit = self.metadata.get('tags') or getattr(self.target, 'tags', None) or getattr(self.view, 'tags', None)
        if explicit:
            return [explicit] if isinstance(explicit, str) else list(explicit)
        if self.model:
            return [plural(words(self.model.__name__))]
        words_of_path = [word for word in self.path.words if word != 'api' and not _is_version(word)]
        return words_of_path[:1] or ['general']

    @property
    def tag_description(self) -> str:
        """What the model is."""
        return _docstring(self.model).partition('\n')[0] if self.model else ''

    # Who may do it

    @cached_property
    def permissions(self) -> Permissions:
        """The permissions that are asked for."""
        if isinstance(authorization.get_backend(), NullAuthorization):
            return Permissions()
        return authorization.permissions_of(self.view) | authorization.permissions_of(self.target)

    @cached_property
    def needs_account(self) -> bool:
        """Whether a request without an account is refused."""
        if isinstance(authentication.get_backend(), NullAuthentication):
            return False
        sides = (self.view, self.target)
        return any(authentication.is_authentication_required(x) or authorization.permissions_of(x) for x in sides)

    @property
    def has_owner(self) -> bool:
        """Whether rows belong to accounts, of which one may be of the wrong kind."""
        return bool(self.model and self.view.owner_field)

    @property
    def is_limited(self) -> bool:
        """Whether too many requests are refused."""
        return bool(rules_of(self.view, self.method, read_rules()).limits)

    @property
    def needs_token(self) -> bool:
        """Whether a request that a cookie authenticates has to tell the token against forgery."""
        schemes = authentication.get_backend().security_schemes().values()
        has_cookie = any(scheme.get('in') == 'cookie' for scheme in schemes)
        return has_cookie and self.needs_account and self.method not in SAFE_METHODS

    @property
    def security(self) -> list[dict[str, list[str]]] | None:
        """The alternatives of how to authenticate; ``None`` where nobody has to."""
        explicit: list[dict[str, list[str]]] | None = self.metadata.get('security')
        if explicit is not None or not self.needs_account:
            return explicit
        return [{name: []} for name in authentication.get_backend().security_schemes()]


def _docstring(thing: Any) -> str:
    return inspect.cleandoc(getattr(thing, '__doc__', None) or '')


def _is_framework(thing: Any) -> bool:
    """Whether it is colibris' own; its docstring then speaks to the programmer of the API, not to its users."""
    return str(getattr(thing, '__module__', '')).partition('.')[0] == 'colibris'


def _is_version(word: str) -> bool:
    return word[:1] == 'v' and word[1:].replace('.', '').isdigit()
