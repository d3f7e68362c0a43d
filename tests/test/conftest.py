from tests.commands.conftest import shop

__all__ = ['shop']
