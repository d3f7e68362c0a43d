from django.urls import path

from shop import views

urlpatterns = [
    path('ping', views.Ping.as_view()),
    path('validate', views.Validate.as_view()),
    path('items', views.Items.as_view()),
    path('items/<int:pk>', views.OneItem.as_view()),
]
