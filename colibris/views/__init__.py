"""Views: what answers requests."""

from colibris.views.api import APIView
from colibris.views.base import View
from colibris.views.generic import ListCreateModelView, RetrieveUpdateDestroyModelView
from colibris.views.mixins import CreateMixin, DestroyMixin, ListMixin, RetrieveMixin, UpdateMixin
from colibris.views.model import ModelView
from colibris.views.responses import json_response

__all__ = [
    'APIView',
    'CreateMixin',
    'DestroyMixin',
    'ListCreateModelView',
    'ListMixin',
    'ModelView',
    'RetrieveMixin',
    'RetrieveUpdateDestroyModelView',
    'UpdateMixin',
    'View',
    'json_response',
]
