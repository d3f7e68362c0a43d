from colibris.schemas import ModelSchema, Schema, fields, validate

from yourproject.models import Model


class ItemSchema(ModelSchema):
    class Meta:
        model = Model


class PlainItemSchema(Schema):
    name = fields.String(required=True, validate=validate.Length(max=10))


class QuerySchema(Schema):
    name = fields.String()
