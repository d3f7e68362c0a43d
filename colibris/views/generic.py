"""The usual combinations for a REST resource."""

from colibris.views.mixins import CreateMixin, DestroyMixin, ListMixin, RetrieveMixin, UpdateMixin
from colibris.views.model import ModelView

__all__ = ['ListCreateModelView', 'RetrieveUpdateDestroyModelView']


class ListCreateModelView(ListMixin, CreateMixin, ModelView):
    """The collection: list and create."""


class RetrieveUpdateDestroyModelView(RetrieveMixin, UpdateMixin, DestroyMixin, ModelView):
    """One item: retrieve, replace, update and delete."""
