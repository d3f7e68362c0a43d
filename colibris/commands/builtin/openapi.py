"""``manage.py openapi``."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from colibris.commands.base import BaseCommand
from colibris.commands.files import opened_for_writing

__all__ = ['OpenAPICommand']

READABLE = 0o644


class OpenAPICommand(BaseCommand):
    """Print the OpenAPI document of the project's API."""

    name = 'openapi'

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument('-o', '--output', type=Path, metavar='FILE', help='write into this file instead')

    def handle(self, options: Namespace) -> None:
        """Write the document as JSON."""
        from colibris.app import create_app
        from colibris.docs import build_document
        from colibris.docs.views import describe_project
        from colibris.utils.json import dumps
        from colibris.views.routing import ENDPOINTS

        endpoints = create_app()[ENDPOINTS]
        document = build_document(endpoints, **describe_project())
        with opened_for_writing(options.output, READABLE) as file:
            # Through colibris' own JSON first, which knows the types that defaults may have.
            json.dump(json.loads(dumps(document)), file, indent=2, ensure_ascii=False)
            file.write('\n')
