"""The contract, over every template backend."""

import pytest

from colibris import template
from colibris.test.template import TemplateBackendContract


class TestJinja2Backend(TemplateBackendContract):
    @pytest.fixture
    def backend(self, templates):
        templates(translations='gettext').write(
            hello__txt='{{ name }}', hello__html='{{ name }}', broken__txt='{% if %}'
        )
        return template.get_backend()
