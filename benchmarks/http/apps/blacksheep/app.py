"""BlackSheep with pydantic, and SQLAlchemy's ORM on asyncio."""

from blacksheep import Application, Content, Request, Response, json
from blacksheep.exceptions import NotFound
from blacksheep.middlewares import MiddlewareCategory
from blacksheep.server.authorization import auth
from database import Account, Item, sessions
from guardpost import AuthenticationHandler, Identity
from pydantic import BaseModel
from shapes import ItemPage, NewItem, Order, ShownItem
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

app = Application()


def session_of(request: Request) -> AsyncSession:
    """The request's session, made when it is first needed."""
    if 'session' not in request.scope:
        request.scope['session'] = sessions()
    return request.scope['session']


async def close_session(request: Request, handler) -> Response:
    try:
        return await handler(request)
    finally:
        if 'session' in request.scope:
            await request.scope['session'].close()


class KeyAuthentication(AuthenticationHandler):
    async def authenticate(self, context: Request) -> Identity | None:
        scheme, _, key = (context.get_first_header(b'Authorization') or b'').decode('latin-1').partition(' ')
        if scheme == 'Bearer':
            account = await session_of(context).scalar(select(Account).where(Account.key == key))
            if account is not None:
                context.user = Identity({'sub': str(account.id)}, 'key')
        return context.user


app.middlewares.append(close_session, MiddlewareCategory.SESSION)
app.use_authentication().add(KeyAuthentication())
app.use_authorization()


def reply(shown: BaseModel, status: int = 200) -> Response:
    return Response(status, content=Content(b'application/json', shown.model_dump_json().encode()))


@app.router.get('/ping')
async def ping():
    return json({'status': 'ok'})


@app.router.post('/validate')
async def validate(order: Order):
    return reply(order)


@auth()
@app.router.get('/items')
async def get_page(request: Request, page: int = 1, page_size: int = 25):
    session = session_of(request)
    count = await session.scalar(select(func.count()).select_from(Item))
    found = await session.scalars(select(Item).order_by(Item.id).limit(page_size).offset((page - 1) * page_size))
    return reply(ItemPage(count=count, items=found.all()))


@auth()
@app.router.get('/items/{int:number}')
async def get_one(request: Request, number: int):
    item = await session_of(request).get(Item, number)
    if item is None:
        raise NotFound
    return reply(ShownItem.model_validate(item))


@auth()
@app.router.post('/items')
async def create(request: Request, new: NewItem):
    session = session_of(request)
    item = Item(**new.model_dump())
    session.add(item)
    await session.commit()
    return reply(ShownItem.model_validate(item), 201)
