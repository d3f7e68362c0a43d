import pytest


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """The empty directory in which the command runs."""
    place = tmp_path / 'place'
    place.mkdir()
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def template(tmp_path):
    """A small template that a test may change."""
    package = tmp_path / 'template' / '__packagename__'
    package.mkdir(parents=True)
    (package / '__init__.py').write_text("NAMES = '__packagename__', '__projectname__'\n")
    return package.parent
