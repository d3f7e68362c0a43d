"""Paths."""

from shop.views import Validate, ping

from handwritten import views

ROUTES = [
    ('/ping', ping),
    ('/validate', Validate),
    ('/items', views.get_page),
    ('/items', views.create, ['POST']),
    ('/items/{id}', views.get_one),
]
