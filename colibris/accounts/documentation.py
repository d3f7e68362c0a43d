"""What the API document says about the views."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from aiohttp_apispec import docs

__all__ = ['describe']

F = TypeVar('F', bound=Callable[..., Any])


def describe(status: HTTPStatus, summary: str, **others: str) -> Callable[[F], F]:
    """Decorate a method: what it does in a few words, and what its answers mean: ``_409='Somebody was faster.'``."""
    descriptions = {int(name.removeprefix('_')): text for name, text in others.items()}
    responses = {code: {'description': text} for code, text in {int(status): status.phrase, **descriptions}.items()}
    decorate: Callable[[F], F] = docs(tags=['accounts'], summary=summary, responses=responses)
    return decorate
