"""How ``manage.py routes --plan`` shows plans."""

import dataclasses
import json
import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from colibris.views.plans import Part, Plan

__all__ = ['as_json', 'as_text']

_WIDTH = 110
_COLUMN = 10


def as_json(plans: 'Iterable[Plan]') -> str:
    """A list of objects, for programs."""
    return json.dumps([dataclasses.asdict(plan) for plan in plans], indent=2, ensure_ascii=False)


def as_text(plans: 'Iterable[Plan]') -> str:
    """A paragraph for each plan, for people."""
    return '\n\n'.join('\n'.join(_lines(plan)) for plan in plans)


def _lines(plan: 'Plan') -> Iterator[str]:
    yield f'{plan.method} {plan.path}'
    yield from _entry('view', plan.view)
    yield from _entry('steps', ', '.join(plan.steps))
    for part in plan.parts:
        yield from _part(part)
    for hook in plan.hooks:
        yield from _entry('hook', f'{hook.name} {hook.effect}')


def _part(part: 'Part') -> Iterator[str]:
    if part.way == 'own':
        yield from _entry(part.name, f'{part.subject}: by {part.reasons[0]}')
        return
    yield from _entry(part.name, f'{part.subject}: {part.way}')
    for reason in part.reasons:
        yield from _entry('', f'- {reason}')


def _entry(title: str, text: str) -> list[str]:
    first = f'  {title}'.ljust(_COLUMN)
    return textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=' ' * _COLUMN, break_on_hyphens=False)
