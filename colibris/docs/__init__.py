"""API documentation: an OpenAPI 3.1 document made from the views, and a page to read and try it."""

from colibris.docs.openapi import build_document
from colibris.docs.views import setup_docs

__all__ = ['build_document', 'setup_docs']
