"""Litestar with msgspec, and SQLAlchemy's ORM on asyncio."""

from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from database import Account, Item, sessions
from litestar import Litestar, Request, Router, get, post
from litestar.exceptions import NotAuthorizedException, NotFoundException
from msgspec import Meta, Struct, convert, structs
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

Name = Annotated[str, Meta(max_length=64)]


class Address(Struct):
    street: str
    city: str
    zip: Annotated[str, Meta(pattern=r'^\d{5}$')]


class Priced(Struct):
    """msgspec has no limits for decimals."""

    price: Decimal

    def __post_init__(self) -> None:
        if not 0 <= self.price < 10**8:
            raise ValueError('the price is out of range')


class Order(Priced, kw_only=True):
    name: Name
    quantity: Annotated[int, Meta(ge=0)]
    tags: Annotated[list[str], Meta(max_length=10)]
    address: Address


class ItemFields(Priced, kw_only=True):
    name: str
    quantity: int
    tag: str
    active: bool
    description: str | None = None


class NewItem(ItemFields, kw_only=True):
    name: Name
    quantity: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    tag: Annotated[str, Meta(max_length=32)]


class ShownItem(ItemFields, kw_only=True):
    id: int
    created_at: datetime


class ItemPage(Struct):
    count: int
    items: list[ShownItem]


async def open_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


async def authenticate(request: Request[Any, Any, Any], session: AsyncSession) -> Account:
    scheme, _, key = request.headers.get('Authorization', '').partition(' ')
    account = await session.scalar(select(Account).where(Account.key == key)) if scheme == 'Bearer' else None
    if account is None:
        raise NotAuthorizedException
    return account


@get('/ping')
async def ping() -> dict[str, str]:
    return {'status': 'ok'}


@post('/validate', status_code=200)
async def validate(data: Order) -> Order:
    return data


PageNumber = Annotated[int, Meta(ge=1)]
PageSize = Annotated[int, Meta(ge=1, le=100)]


@get('/')
async def get_page(session: AsyncSession, account: Account, page: PageNumber = 1, page_size: PageSize = 25) -> ItemPage:
    count = await session.scalar(select(func.count()).select_from(Item))
    found = await session.scalars(select(Item).order_by(Item.id).limit(page_size).offset((page - 1) * page_size))
    return ItemPage(count or 0, convert(found.all(), list[ShownItem], from_attributes=True))


@get('/{number:int}')
async def get_one(session: AsyncSession, account: Account, number: int) -> ShownItem:
    item = await session.get(Item, number)
    if item is None:
        raise NotFoundException
    return convert(item, ShownItem, from_attributes=True)


@post('/')
async def create(session: AsyncSession, account: Account, data: NewItem) -> ShownItem:
    item = Item(**structs.asdict(data))
    session.add(item)
    await session.commit()
    return convert(item, ShownItem, from_attributes=True)


items = Router(
    '/items',
    route_handlers=[get_page, get_one, create],
    dependencies={'session': open_session, 'account': authenticate},
)
app = Litestar([ping, validate, items], openapi_config=None, logging_config=None)
