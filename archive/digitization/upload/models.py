"""What a browser said that it will send. The bytes that came lie in a folder of ours until they are whole."""

from datetime import datetime

from sqlalchemy import BigInteger, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.digitization.models import Batch
from archive.platform.db import Base, Id, reference

__all__ = ["Upload"]


class Upload(Base):
    """A file that is being sent. Name, size and time tell whether a file that is chosen again is the same one."""

    __tablename__ = "upload"

    id: Mapped[Id]
    batch_id: Mapped[str] = reference("batch.id", index=True)
    position: Mapped[int] = mapped_column(comment="in the order in which they were announced")
    name: Mapped[str] = mapped_column(Text, comment="with its folders, as it was chosen; never used as a path")
    size: Mapped[int] = mapped_column(BigInteger)
    modified: Mapped[int] = mapped_column(BigInteger, comment="milliseconds since 1970, as the browser says")
    touched_at: Mapped[datetime] = mapped_column(comment="when bytes of it came last")
    whole: Mapped[bool] = mapped_column(default=False, comment="it came, and is a file of the batch now")

    batch: Mapped[Batch] = relationship()
