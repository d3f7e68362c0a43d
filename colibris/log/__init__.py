"""Logging: every record carries the operation id of the request it belongs to."""

from colibris.log.operation import operation_id
from colibris.log.setup import setup_logging

__all__ = ['operation_id', 'setup_logging']
