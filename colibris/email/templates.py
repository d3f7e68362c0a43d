"""The texts of a message, from templates."""

from collections.abc import Mapping
from typing import Any

__all__ = ['render_texts']


def render_texts(name: str, context: Mapping[str, Any], subject: str | None) -> dict[str, Any]:
    """Subject, body and HTML of a message.

    :raises TemplateError: there is neither a text nor an HTML template, or one of them cannot be rendered.
    """
    from colibris import template

    html = template.render(f'{name}.html', **context) if template.exists(f'{name}.html') else None
    body = template.render(f'{name}.txt', **context) if html is None or template.exists(f'{name}.txt') else ''
    if subject is None:
        subject = template.render(f'{name}.subject.txt', **context).strip()
    return {'subject': subject, 'body': body, 'html': html}
