from tests.authentication.places import place
from tests.authentication.projects import refusal, serve_users
from tests.authentication.provider import provider
from tests.views.serving import engine, run, serve

__all__ = ['engine', 'place', 'provider', 'refusal', 'run', 'serve', 'serve_users']
