"""What the paths of `routes.py` answer; the API documentation shows the docstrings."""

from typing import ClassVar

from aiohttp import web
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
    create_response_schema_class = schemas.NewUserSchema
    filter_class = UserFilter
    ordering_fields = ('username', 'created')


@require_permission(constants.ROLE_ADMIN)
class UserView(RetrieveUpdateDestroyModelView):
    """One user."""

    model = models.User
    body_schema_class = schemas.UserSchema
