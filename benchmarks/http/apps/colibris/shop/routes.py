"""Paths."""

from shop import views

ROUTES = [
    ('/ping', views.ping),
    ('/validate', views.Validate),
    ('/items', views.Items),
    ('/items/{id}', views.ItemView),
]
