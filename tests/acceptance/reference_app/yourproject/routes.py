from yourproject import views

ROUTES = [
    ('/', views.index),
    ('/plain', views.PlainItemsView),
    ('/mixed', views.MixedItemsView),
    ('/items', views.ItemsView),
    ('/items/{id}', views.ItemsDetailView),
]

STATIC_ROUTES = [
    ('/static', 'static'),
]
