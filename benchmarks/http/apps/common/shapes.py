"""What goes in and out of the services that use pydantic."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(max_length=64)]
LARGEST_INTEGER = 2**31 - 1


class Address(BaseModel):
    street: str
    city: str
    zip: Annotated[str, Field(pattern=r'^\d{5}$')]


class Order(BaseModel):
    name: Name
    price: Annotated[Decimal, Field(ge=0)]
    quantity: Annotated[int, Field(ge=0)]
    tags: Annotated[list[str], Field(max_length=10)]
    address: Address


class ItemFields(BaseModel):
    name: str
    description: str | None = None
    price: Decimal
    quantity: int
    tag: str
    active: bool


class NewItem(ItemFields):
    name: Name
    price: Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=2)]
    quantity: Annotated[int, Field(ge=0, le=LARGEST_INTEGER)]
    tag: Annotated[str, Field(max_length=32)]


class ShownItem(ItemFields):
    model_config = ConfigDict(from_attributes=True)

    id: int
    created_at: datetime


class ItemPage(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    count: int
    items: list[ShownItem]
