from shop import models

from colibris.schemas import ModelSchema, Schema, fields, validate


class MakerSchema(ModelSchema):
    class Meta:
        model = models.Maker
        example = {'name': 'Acme', 'founded': '1920-01-01'}


class ThingSchema(ModelSchema):
    class Meta:
        model = models.Thing


class NestedThingSchema(ModelSchema):
    maker = fields.Nested(MakerSchema)
    maker_name = fields.String(attribute='maker.name', dump_only=True)

    class Meta:
        model = models.Thing
        fields = ('id', 'name', 'maker', 'maker_name', 'stock')


class SeatSchema(ModelSchema):
    class Meta:
        model = models.Seat


class TagSchema(ModelSchema):
    class Meta:
        model = models.Tag


class WishSchema(ModelSchema):
    class Meta:
        model = models.Wish
        dump_only = ('owner',)


class OrderSchema(Schema):
    amount = fields.StrictInteger(required=True, validate=validate.Range(1, 100))
    words = fields.List(fields.String(validate=validate.Length(max=20)), validate=validate.Length(max=5))
    urgent = fields.StrictBoolean(load_default=False)


class SumSchema(Schema):
    total = fields.Integer(required=True)
