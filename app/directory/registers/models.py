from datetime import date

from sqlalchemy import Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey


class RegisterEntry(CountyKey, Base):
    """A word of a register: how it is called, where it stands, from when to when it may be chosen.

    `code` is what rules and processes know; `parent_code` makes a tree of any depth; `tone` is how a risk colour looks.
    """

    __tablename__ = "register_entries"
    __table_args__ = (UniqueConstraint("county_id", "register", "code"),)

    register: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(40))
    parent_code: Mapped[str] = mapped_column(String(40), default="")
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80), default="")
    icon: Mapped[str] = mapped_column(String(40), default="")
    tone: Mapped[str] = mapped_column(String(10), default="", server_default="")
    position: Mapped[int] = mapped_column(default=0)
    needs_number: Mapped[bool] = mapped_column(default=False)
    from_date: Mapped[date | None] = mapped_column(Date)
    to_date: Mapped[date | None] = mapped_column(Date)
