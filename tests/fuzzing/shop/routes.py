from shop import views

ROUTES = [
    ('/ping', views.ping),
    ('/quotes', views.quote, ['POST']),
    ('/orders', views.OrdersView),
    ('/events', views.CountView),
    ('/echo', views.EchoView),
    ('/file', views.source),
    ('/upload', views.upload, ['POST']),
    ('/things', views.ThingsView),
    ('/things/{id}', views.ThingView),
    ('/limited', views.LimitedThingsView),
    ('/long', views.LongThingsView),
    ('/strict', views.StrictThingsView),
    ('/makers', views.MakersView),
    ('/makers/{id}', views.MakerView),
    ('/seats', views.SeatsView),
    ('/seats/{label}', views.SeatView),
    ('/tags', views.TagsView),
    ('/tags/{word}', views.TagView),
    ('/wishes', views.WishesView),
    ('/wishes/{id}', views.WishView),
]
