from rest_framework import serializers

from shop.models import Item


class AddressSerializer(serializers.Serializer):
    street = serializers.CharField()
    city = serializers.CharField()
    zip = serializers.RegexField(r'^\d{5}$')


class OrderSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=64)
    price = serializers.DecimalField(max_digits=None, decimal_places=None, min_value=0)
    quantity = serializers.IntegerField(min_value=0)
    tags = serializers.ListField(child=serializers.CharField(), max_length=10)
    address = AddressSerializer()


class ItemSerializer(serializers.ModelSerializer):
    price = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=0)
    quantity = serializers.IntegerField(min_value=0, max_value=2**31 - 1)

    class Meta:
        model = Item
        fields = '__all__'
        read_only_fields = ('created_at',)
