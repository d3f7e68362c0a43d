"""Accounts that are rows of a model."""

from functools import cached_property
from typing import Any

from colibris.errors import ConfigurationError
from colibris.utils.imports import import_string

__all__ = ['AccountModel']


class AccountModel:
    """The model that holds the accounts, found by dotted path when it is first needed.

    :param path: the model's dotted path.
    :param field: the field by which an account is looked up.
    """

    def __init__(self, path: str, field: str) -> None:
        self.path = path
        self.field = field

    @cached_property
    def model(self) -> Any:
        """The model class.

        :raises ConfigurationError: there is no such model, or it has no such field.
        """
        model = import_string(self.path)
        if not hasattr(model, '_meta'):
            raise ConfigurationError(f'{self.path} is no model')
        if self.field not in model._meta.fields:
            raise ConfigurationError(f"{self.path} has no field '{self.field}'")
        return model

    def find(self, value: Any) -> Any:
        """The account whose field has this value, or ``None``."""
        return self.model.get_or_none(self.model._meta.fields[self.field] == value)
