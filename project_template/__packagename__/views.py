"""What the paths of `routes.py` answer; the API documentation shows the docstrings."""

from typing import Any, ClassVar

from aiohttp import web
from aiohttp_apispec import response_schema
from colibris.authorization import require_permission
from colibris.views import ListCreateModelView, ModelView, RetrieveMixin, RetrieveUpdateDestroyModelView
from colibris.views.filtering import ModelFilter, operators

from __packagename__ import __version__, constants, models, schemas


def index(request: web.Request) -> dict[str, str]:
    """Say what this service is."""
    return {'name': '__projectname__', 'version': __version__}


class MeView(RetrieveMixin, ModelView):
    """The user who asks."""

    model = models.User
    body_schema_class = schemas.UserSchema

    def get_object(self) -> models.User:
        return self.account


class UserFilter(ModelFilter):
    """The query parameters that narrow a list of users: `?username=…`, `?username__contains=…` and so on."""

    class Meta:
        model = models.User
        fields: ClassVar = {
            'username': (operators.EQ, operators.CONTAINS),
            'role': (operators.EQ,),
            'created': (operators.GE, operators.LT),
        }


@require_permission(constants.ROLE_ADMIN)
class UsersView(ListCreateModelView):
    """All users."""

    model = models.User
    body_schema_class = schemas.UserSchema
    filter_class = UserFilter
    ordering_fields = ('username', 'created')

    @response_schema(schemas.NewUserSchema, 201, description='The user, with the API key that no other answer shows.')
    async def post(self) -> web.StreamResponse:
        """Create a user, with a new API key."""
        return await super().post()

    def dump(self, user: models.User) -> dict[str, Any]:
        schema_class = schemas.NewUserSchema if self.request.method == 'POST' else schemas.UserSchema
        return schema_class().dump(user)


@require_permission(constants.ROLE_ADMIN)
class UserView(RetrieveUpdateDestroyModelView):
    """One user."""

    model = models.User
    body_schema_class = schemas.UserSchema
