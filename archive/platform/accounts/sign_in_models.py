"""What signing in keeps beside the password: second factors, tokens of programs, tries, and who comes from where."""

import enum
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.platform.accounts.models import Person, Post, Role
from archive.platform.db import Base, Id, enum_type, reference

__all__ = [
    "ApiToken",
    "BegunSignIn",
    "ClosedAddress",
    "ExternalIdentity",
    "GroupHolding",
    "GroupRule",
    "RecoveryCode",
    "RefusedSignIn",
    "SecondFactor",
    "Source",
]


class Source(enum.StrEnum):
    """Who besides us knows people."""

    LDAP = "ldap"  #: the directory of the organisation
    OIDC = "oidc"  #: a provider of identities (OpenID Connect)


class BegunSignIn(Base):
    """A browser on its way in: the password was right and the code is missing, or a provider was asked who it is."""

    __tablename__ = "begun_sign_in"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str | None] = reference("person.id", nullable=True)
    wanted: Mapped[str] = mapped_column(String(2000), comment="the path to go on to")
    nonce: Mapped[str] = mapped_column(String(64), default="", comment="what the provider has to repeat")
    verifier: Mapped[str] = mapped_column(String(128), default="", comment="RFC 7636")
    began_at: Mapped[datetime]


class SecondFactor(Base):
    """The secret that a person's device makes codes of (RFC 6238). `last_step`: the time step of the last code used."""

    __tablename__ = "second_factor"

    person_id: Mapped[str] = reference("person.id", primary_key=True)
    secret: Mapped[str] = mapped_column(String(64), comment="base32")
    began_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class RecoveryCode(Base):
    """One of the codes for the day on which the device is lost; its digest only."""

    __tablename__ = "recovery_code"

    code_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = reference("person.id", index=True)


class ApiToken(Base):
    """What a program shows instead of a password; its digest only. `scopes` are values of `Permission`."""

    __tablename__ = "api_token"

    id: Mapped[Id]
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[str] = reference("person.id", index=True)
    name: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class RefusedSignIn(Base):
    """One try that failed, as long as it counts. What was typed as login may be a password: its digest only."""

    __tablename__ = "refused_sign_in"
    __table_args__ = (Index("ix_refused_sign_in_origin", "origin", "at"),)

    id: Mapped[Id]
    origin: Mapped[str] = mapped_column(String(64), comment="an IPv4 address or the /64 of an IPv6 one")
    login_sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ClosedAddress(Base):
    """From where too many accounts were tried: nobody signs in from there until `until`."""

    __tablename__ = "closed_address"

    origin: Mapped[str] = mapped_column(String(64), primary_key=True)
    closed_at: Mapped[datetime]
    until: Mapped[datetime]
    logins: Mapped[int] = mapped_column(comment="how many different ones were tried")


class ExternalIdentity(Base):
    """Whose account an entry of the directory, or a subject of the provider, is."""

    __tablename__ = "external_identity"
    __table_args__ = (UniqueConstraint("source", "subject"),)

    id: Mapped[Id]
    source: Mapped[Source] = mapped_column(enum_type(Source))
    subject: Mapped[str] = mapped_column(String(500), comment="what never changes there")
    person_id: Mapped[str] = reference("person.id", index=True)
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class GroupRule(Base):
    """Whoever is in this group holds this role, or this post."""

    __tablename__ = "group_rule"
    __table_args__ = (
        UniqueConstraint("source", "group", "role", "post_id"),
        CheckConstraint("(role IS NULL) <> (post_id IS NULL)", name="role_or_post"),
    )

    id: Mapped[Id]
    source: Mapped[Source] = mapped_column(enum_type(Source))
    group: Mapped[str] = mapped_column(String(500))
    role: Mapped[Role | None] = mapped_column(enum_type(Role))
    post_id: Mapped[str | None] = reference("post.id", nullable=True)
    created_at: Mapped[datetime]

    post: Mapped[Post | None] = relationship()


class GroupHolding(Base):
    """A role or a post that a person holds because of a group, and loses with it."""

    __tablename__ = "group_holding"
    __table_args__ = (CheckConstraint("(role IS NULL) <> (post_id IS NULL)", name="role_or_post"),)

    id: Mapped[Id]
    person_id: Mapped[str] = reference("person.id", index=True)
    source: Mapped[Source] = mapped_column(enum_type(Source))
    role: Mapped[Role | None] = mapped_column(enum_type(Role))
    post_id: Mapped[str | None] = reference("post.id", nullable=True)
