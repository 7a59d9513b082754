"""Units, people, the roles they hold, and how they sign in."""

import enum
from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.platform.db import Base, Id, enum_type, reference

__all__ = ["Credential", "Language", "Person", "Role", "RoleHolding", "Unit", "WebSession"]


class Role(enum.StrEnum):
    """What a person does here. Permissions hang on roles, in one table (permissions.py)."""

    ARCHIVIST = "archivist"  #: 档案员
    RECORDS_OFFICER = "records_officer"  #: 兼职档案员
    READER = "reader"  #: 利用者
    DEPARTMENT_HEAD = "department_head"  #: 部门负责人
    OFFICE_DIRECTOR = "office_director"  #: 办公室主任
    SYSTEM_ADMINISTRATOR = "system_administrator"  #: 系统管理员
    SECURITY_ADMINISTRATOR = "security_administrator"  #: 安全保密管理员
    AUDIT_ADMINISTRATOR = "audit_administrator"  #: 安全审计员

    @classmethod
    def administrators(cls) -> frozenset["Role"]:
        """The three separated administrators 三员: held alone, and without a look into any record."""
        return frozenset({cls.SYSTEM_ADMINISTRATOR, cls.SECURITY_ADMINISTRATOR, cls.AUDIT_ADMINISTRATOR})


class Language(enum.StrEnum):
    """Interface languages."""

    SIMPLIFIED = "zh_Hans"
    TRADITIONAL = "zh_Hant"
    ENGLISH = "en"


class Unit(Base):
    """A department or company, in a tree."""

    __tablename__ = "unit"

    id: Mapped[Id]
    parent_id: Mapped[str | None] = reference("unit.id", nullable=True)
    code: Mapped[str] = mapped_column(String(32), unique=True, comment="part of archival codes, e.g. BGS")
    name: Mapped[str] = mapped_column(String(200))


class Person(Base):
    """Somebody with an account."""

    __tablename__ = "person"

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    post: Mapped[str] = mapped_column(String(100), default="", comment="post as shown, e.g. 办公室主任")
    unit_id: Mapped[str] = reference("unit.id", index=True)
    language: Mapped[Language] = mapped_column(enum_type(Language), default=Language.SIMPLIFIED)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    unit: Mapped[Unit] = relationship()
    holdings: Mapped[list["RoleHolding"]] = relationship(back_populates="person", lazy="selectin")

    @property
    def roles(self) -> frozenset[Role]:
        """The roles this person holds now."""
        return frozenset(holding.role for holding in self.holdings)


class RoleHolding(Base):
    """One role held by one person."""

    __tablename__ = "role_holding"
    __table_args__ = (UniqueConstraint("person_id", "role"),)

    id: Mapped[Id]
    person_id: Mapped[str] = reference("person.id", index=True)
    role: Mapped[Role] = mapped_column(enum_type(Role))

    person: Mapped[Person] = relationship(back_populates="holdings")


class Credential(Base):
    """A password, as argon2 hash, and how often it was got wrong. Lost, on purpose, when an archive is rebuilt."""

    __tablename__ = "credential"

    person_id: Mapped[str] = reference("person.id", primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class WebSession(Base):
    """A signed-in browser. Only the digest of its token is kept."""

    __tablename__ = "web_session"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = reference("person.id", index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    address: Mapped[str | None] = mapped_column(String(64))
