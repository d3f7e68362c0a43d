"""Views: what answers requests."""

from colibris.views.api import APIView
from colibris.views.base import View
from colibris.views.events import Event, EventStream
from colibris.views.generic import ListCreateModelView, RetrieveUpdateDestroyModelView
from colibris.views.mixins import CreateMixin, DestroyMixin, ListMixin, RetrieveMixin, UpdateMixin
from colibris.views.model import ModelView
from colibris.views.responses import json_response
from colibris.views.uploads import UploadedFile, receive_upload
from colibris.views.websocket import WebSocketView

__all__ = [
    'APIView',
    'CreateMixin',
    'DestroyMixin',
    'Event',
    'EventStream',
    'ListCreateModelView',
    'ListMixin',
    'ModelView',
    'RetrieveMixin',
    'RetrieveUpdateDestroyModelView',
    'UpdateMixin',
    'UploadedFile',
    'View',
    'WebSocketView',
    'json_response',
    'receive_upload',
]
