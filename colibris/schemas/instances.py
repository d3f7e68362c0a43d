"""Schema instances, made once."""

import functools
from typing import Literal

from marshmallow import Schema

__all__ = ['schema_instance']


@functools.lru_cache(maxsize=4096)
def schema_instance(
    schema_class: type[Schema], *, partial: bool = False, unknown: Literal['exclude', 'include', 'raise'] | None = None
) -> Schema:
    """The instance of a schema class that every request shares.

    :param partial: missing fields are no error.
    :param unknown: what happens to unknown fields, if not what the class says.
    """
    return schema_class(partial=partial, unknown=unknown)
