from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CountyKey, county_ref


class SavedView(CountyKey, Base):
    """A named filter: `query` is what stands in the address. With an organisation it is shared with all who work there.

    It gives no right to see anything: whoever opens it sees what they may see.
    """

    __tablename__ = "saved_views"
    __table_args__ = (
        county_ref("people", "person_id"),
        county_ref("organisations", "organisation_id"),
        Index("ix_saved_views_person", "county_id", "person_id"),
        Index("ix_saved_views_organisation", "county_id", "organisation_id"),
    )

    person_id: Mapped[int]
    organisation_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(600))
    made_at: Mapped[datetime]
