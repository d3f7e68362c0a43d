"""What goes in and out."""

from colibris.schemas import ModelSchema, Schema, fields, validate
from shop.models import Item


class AddressSchema(Schema):
    """Where an order goes."""

    street = fields.String(required=True)
    city = fields.String(required=True)
    zip = fields.String(required=True, validate=validate.Regexp(r'^\d{5}$'))


class OrderSchema(Schema):
    """An order."""

    name = fields.String(required=True, validate=validate.Length(max=64))
    price = fields.Decimal(required=True, as_string=True, validate=validate.Range(min=0))
    quantity = fields.StrictInteger(required=True, validate=validate.Range(min=0))
    tags = fields.List(fields.String(), required=True, validate=validate.Length(max=10))
    address = fields.Nested(AddressSchema, required=True)


class ItemSchema(ModelSchema):
    """Something to sell."""

    price = fields.ExactDecimal(
        required=True, places=2, as_string=True, validate=validate.Range(0, 10**8, max_inclusive=False)
    )
    quantity = fields.StrictInteger(required=True, validate=validate.Range(0, 2**31 - 1))

    class Meta:
        """All of the model's fields."""

        model = Item
        dump_only = ('created_at',)
