"""Schemas: what goes in and out of an API, described with marshmallow."""

from marshmallow import (
    EXCLUDE,
    INCLUDE,
    RAISE,
    Schema,
    ValidationError,
    post_dump,
    post_load,
    pre_dump,
    pre_load,
    validate,
    validates,
    validates_schema,
)

from colibris.schemas import fields
from colibris.schemas.instances import check_schema, dumper_of, loader_of, schema_instance
from colibris.schemas.model import ModelSchema

__all__ = [
    'EXCLUDE',
    'INCLUDE',
    'RAISE',
    'ModelSchema',
    'Schema',
    'ValidationError',
    'check_schema',
    'dumper_of',
    'fields',
    'loader_of',
    'post_dump',
    'post_load',
    'pre_dump',
    'pre_load',
    'schema_instance',
    'validate',
    'validates',
    'validates_schema',
]
