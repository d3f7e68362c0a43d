"""What can go wrong with a template; each message says where."""

from colibris.errors import ColibrisError

__all__ = ['TemplateError', 'TemplateNotFound', 'TemplateSyntaxError', 'UndefinedVariable']


class TemplateError(ColibrisError):
    """A template cannot be rendered."""


class TemplateNotFound(TemplateError):
    """There is no such template."""


class TemplateSyntaxError(TemplateError):
    """A template is not well formed."""


class UndefinedVariable(TemplateError):
    """A template uses a variable that it was not given."""
