import pytest

from colibris.conf import settings


class Templates:
    """A project whose templates come from Jinja2."""

    def __init__(self, package):
        self.package = package
        self.folder = package / 'templates'

    def write(self, **files):
        """Write template files; in their names ``__`` stands for the dot."""
        self.folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (self.folder / name.replace('__', '.')).write_text(text)


@pytest.fixture
def templates(project, tmp_path):
    """Make a project with these options of ``TEMPLATE``: ``templates(paths=['more'])``."""

    def make(*, debug=True, folders=(), **options):
        configuration = {'backend': 'colibris.template.jinja2.Jinja2Backend', **options}
        name = project(settings=f'DEBUG = {debug}\n')
        for folder in folders:
            (tmp_path / name / folder).mkdir()
        settings.TEMPLATE = configuration
        return Templates(tmp_path / name)

    return make
