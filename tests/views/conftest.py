from tests.views.serving import engine, run, serve

__all__ = ['engine', 'run', 'serve']
