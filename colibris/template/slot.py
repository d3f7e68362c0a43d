"""The place of the template backend."""

from colibris.conf.backends import BackendSlot
from colibris.template.base import TemplateBackend

__all__ = ['slot']

slot: BackendSlot[TemplateBackend] = BackendSlot('TEMPLATE', TemplateBackend)
