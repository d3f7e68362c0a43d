from tests.commands.conftest import shop
from tests.views.serving import run, serve

__all__ = ['run', 'serve', 'shop']
