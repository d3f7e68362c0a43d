"""How Sphinx makes the manual of these pages; ``scripts/docs`` runs it."""

import re
from typing import Any

from docutils.nodes import Element
from pygments.lexers.special import TextLexer
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import colibris

project = 'colibris'
author = 'the colibris developers'
version = release = colibris.__version__

extensions = ['myst_parser', 'sphinx.ext.autodoc']
myst_heading_anchors = 3

autodoc_default_options = {'exclude-members': 'OPTIONS_CLASS, DoesNotExist, accessor_class, fields, opts'}
autodoc_member_order = 'groupwise'
autodoc_typehints = 'description'
autodoc_typehints_description_target = 'documented'
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
toc_object_entries_show_parents = 'hide'
nitpick_ignore_regex = [
    (r'py:.*', rf'{package}(\..*)?')
    for package in ('aiohttp', 'collections', 'datetime', 'logging', 'marshmallow', 'pathlib', 'peewee', 'types')
]
nitpick_ignore_regex += [
    ('py:exc', r'\w+'),  # exceptions of other packages, without their modules
    ('py:class', r'colibris\..*\.[A-Z]'),  # type variables
    ('py:class', r'colibris\.\w+\.[\w.]+\.\w+'),  # types that the reference leaves out
]

html_theme = 'furo'
pygments_dark_style = 'github-dark'
html_title = 'colibris'
html_logo = html_favicon = '../project_template/__packagename__/static/logo.svg'
html_static_path = ['_static']
html_css_files = ['manual.css']
html_copy_source = html_show_copyright = False


def resolve_short_name(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: Element) -> Element | None:
    """Find what docstrings name without its module, as their code does: ``ConfigurationError``."""
    name = str(node.get('reftarget', ''))
    if node.get('refdomain') != 'py' or not re.fullmatch(r'\w+', name):
        return None
    domain: Any = env.domains['py']
    full = [known for known in domain.objects if known.startswith('colibris.') and known.endswith(f'.{name}')]
    found = {(domain.objects[known].docname, domain.objects[known].node_id): known for known in full}
    if len(found) != 1:
        return None
    [known] = found.values()
    resolved: Element | None = domain.resolve_xref(
        env, node['refdoc'], app.builder, node['reftype'], known, node, content
    )
    return resolved


def setup(app: Sphinx) -> None:
    """Teach Sphinx what is special here."""
    app.add_lexer('log', TextLexer)
    app.connect('missing-reference', resolve_short_name)
