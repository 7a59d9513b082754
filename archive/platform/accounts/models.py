"""Units, the posts in them, people, the posts and roles they hold, and how they sign in."""

import enum
from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.platform.db import Base, Id, enum_type, reference

__all__ = [
    "Clearance",
    "Credential",
    "Language",
    "Pending",
    "Person",
    "Post",
    "PostHolding",
    "Role",
    "RoleHolding",
    "Unit",
    "WebSession",
]


class Role(enum.StrEnum):
    """What a person does here. Permissions hang on roles, in one table (permissions.py)."""

    ARCHIVIST = "archivist"  #: 档案员
    RECORDS_OFFICER = "records_officer"  #: 兼职档案员
    READER = "reader"  #: 利用者
    DEPARTMENT_HEAD = "department_head"  #: 部门负责人
    OFFICE_DIRECTOR = "office_director"  #: 办公室主任
    LEADER = "leader"  #: 分管领导
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


class Clearance(enum.StrEnum):
    """Up to which secrecy 密级 a person may be trusted; the values are those of records (archive.catalogue)."""

    NONE = "none"
    SECRET = "secret"  #: 秘密
    CONFIDENTIAL = "confidential"  #: 机密
    TOP_SECRET = "top_secret"  #: 绝密


class Unit(Base):
    """A department or company, in a tree."""

    __tablename__ = "unit"

    id: Mapped[Id]
    parent_id: Mapped[str | None] = reference("unit.id", nullable=True)
    code: Mapped[str] = mapped_column(String(32), unique=True, comment="part of archival codes, e.g. BGS")
    name: Mapped[str] = mapped_column(String(200))
    closed_at: Mapped[datetime | None]


class Post(Base):
    """A post 岗位 in a unit. Duties hang on posts; people come and go."""

    __tablename__ = "post"
    __table_args__ = (UniqueConstraint("unit_id", "name"),)

    id: Mapped[Id]
    unit_id: Mapped[str] = reference("unit.id")
    name: Mapped[str] = mapped_column(String(100), comment="as shown, e.g. 办公室主任")
    closed_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship()


class Person(Base):
    """Somebody with an account."""

    __tablename__ = "person"

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    unit_id: Mapped[str] = reference("unit.id", index=True)
    clearance: Mapped[Clearance] = mapped_column(enum_type(Clearance), default=Clearance.NONE)
    language: Mapped[Language] = mapped_column(enum_type(Language), default=Language.SIMPLIFIED)
    email: Mapped[str] = mapped_column(String(254), default="", comment="where notices are sent; empty: nowhere")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    unit: Mapped[Unit] = relationship()
    holdings: Mapped[list["RoleHolding"]] = relationship(
        back_populates="person", lazy="selectin", cascade="all, delete-orphan"
    )
    post_holdings: Mapped[list["PostHolding"]] = relationship(
        back_populates="person", lazy="selectin", order_by="PostHolding.began_at, PostHolding.id"
    )

    @property
    def roles(self) -> frozenset[Role]:
        """The roles this person holds now."""
        return frozenset(holding.role for holding in self.holdings)

    @property
    def posts(self) -> tuple[Post, ...]:
        """The posts this person holds now, the one held longest first."""
        return tuple(holding.post for holding in self.post_holdings if holding.ended_at is None)

    @property
    def post(self) -> str:
        """The names of the posts held now, as shown after a name; "" without one."""
        return "、".join(post.name for post in self.posts)


class PostHolding(Base):
    """One person in one post from `began_at` until `ended_at`; None: he holds it now."""

    __tablename__ = "post_holding"
    __table_args__ = (
        Index(
            "uq_post_holding_now",
            "person_id",
            "post_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[str] = reference("person.id")
    post_id: Mapped[str] = reference("post.id", index=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(back_populates="post_holdings")
    post: Mapped[Post] = relationship(lazy="joined", innerjoin=True)


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
    temporary: Mapped[bool] = mapped_column(default=False, comment="given by somebody else: to be changed at first use")
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class Pending(enum.StrEnum):
    """What a person has to do in a session before he may do anything else in it."""

    NEW_PASSWORD = "new_password"
    SECOND_FACTOR = "second_factor"


class WebSession(Base):
    """A signed-in browser. Only the digest of its token is kept."""

    __tablename__ = "web_session"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = reference("person.id", index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    address: Mapped[str | None] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(200), default="", comment="as the browser names itself")
    pending: Mapped[Pending | None] = mapped_column(enum_type(Pending), comment="what comes before anything else")

    person: Mapped[Person] = relationship()
