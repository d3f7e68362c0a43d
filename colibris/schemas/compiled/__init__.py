"""Schemas compiled to functions: the same results, without the work that is the same for every request."""

from colibris.schemas.compiled.dumper import Dumper, compile_dump
from colibris.schemas.compiled.loader import Loader, compile_load

__all__ = ['Dumper', 'Loader', 'compile_dump', 'compile_load']
