"""Which path leads to which view."""

from pathlib import Path

from __packagename__ import views

ROUTES = [
    ('/', views.index),
    ('/users', views.UsersView),
    ('/users/me', views.MeView),
    ('/users/{id}', views.UserView),
]

# Handy in development; in production, let the proxy in front of the service do this.
STATIC_ROUTES = [
    ('/static', str(Path(__file__).resolve().parent / 'static')),
]
