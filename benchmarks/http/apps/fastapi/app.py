"""FastAPI with pydantic, and SQLAlchemy's ORM on asyncio."""

from typing import Annotated

from database import Account, Item, sessions
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from shapes import ItemPage, NewItem, Order, ShownItem
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

app = FastAPI()


async def open_session():
    async with sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(open_session)]
Credentials = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]


async def authenticate(session: Session, credentials: Credentials) -> Account:
    account = await session.scalar(select(Account).where(Account.key == credentials.credentials))
    if account is None:
        raise HTTPException(401)
    return account


Authenticated = Annotated[Account, Depends(authenticate)]


@app.get('/ping')
async def ping() -> dict[str, str]:
    return {'status': 'ok'}


@app.post('/validate')
async def validate(order: Order) -> Order:
    return order


@app.get('/items', response_model=ItemPage)
async def get_page(
    session: Session,
    account: Authenticated,
    page: Annotated[int, Query(ge=1)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 25,
):
    count = await session.scalar(select(func.count()).select_from(Item))
    found = await session.scalars(select(Item).order_by(Item.id).limit(page_size).offset((page - 1) * page_size))
    return {'count': count, 'items': found.all()}


@app.get('/items/{number}', response_model=ShownItem)
async def get_one(number: int, session: Session, account: Authenticated):
    item = await session.get(Item, number)
    if item is None:
        raise HTTPException(404)
    return item


@app.post('/items', response_model=ShownItem, status_code=201)
async def create(new: NewItem, session: Session, account: Authenticated):
    item = Item(**new.model_dump())
    session.add(item)
    await session.commit()
    return item
