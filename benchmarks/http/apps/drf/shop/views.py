from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.generics import ListCreateAPIView, RetrieveAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.models import Account, Item
from shop.serializers import ItemSerializer, OrderSerializer


class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request):
        scheme, _, key = get_authorization_header(request).decode('latin-1').partition(' ')
        if scheme != 'Bearer':
            return None
        account = Account.objects.filter(key=key).first()
        if account is None:
            raise AuthenticationFailed
        return account, key

    def authenticate_header(self, request):
        return 'Bearer'


class IsKnown(BasePermission):
    def has_permission(self, request, view):
        return request.user is not None


class Pages(PageNumberPagination):
    page_size_query_param = 'page_size'
    page_size = 25
    max_page_size = 100

    def get_paginated_response(self, data):
        return Response({'count': self.page.paginator.count, 'items': data})


class Ping(APIView):
    def get(self, request):
        return Response({'status': 'ok'})


class Validate(APIView):
    def post(self, request):
        serializer = OrderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(serializer.data)


class OfItems:
    queryset = Item.objects.order_by('id')
    serializer_class = ItemSerializer
    authentication_classes = (KeyAuthentication,)
    permission_classes = (IsKnown,)


class Items(OfItems, ListCreateAPIView):
    pagination_class = Pages


class OneItem(OfItems, RetrieveAPIView):
    pass
