"""The database, as the services that use SQLAlchemy see it."""

import os
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from sqlalchemy import DateTime, Numeric, String
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

DRIVERS = {'postgresql': 'postgresql+asyncpg', 'sqlite': 'sqlite+aiosqlite', 'mysql': 'mariadb+aiomysql'}

scheme, _, place = os.environ['DATABASE_URL'].partition(':')
engine = create_async_engine(f'{DRIVERS[scheme]}:{place}', pool_size=int(os.environ['DB_POOL']), max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)

Name = Annotated[str, mapped_column(String(64))]
Tag = Annotated[str, mapped_column(String(32))]
Price = Annotated[Decimal, mapped_column(Numeric(10, 2))]


class Row(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Name]

    @declared_attr.directive
    def __tablename__(self):
        return self.__name__.lower()


class Account(Row):
    key: Mapped[Name]


class Item(Row):
    description: Mapped[str | None]
    price: Mapped[Price]
    quantity: Mapped[int]
    tag: Mapped[Tag]
    active: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=lambda: datetime.now(UTC))
