"""Signing in at an OpenID provider: authorization code with PKCE; issuer, audience, nonce and time are checked.

The provider is asked before a transaction is begun: it may take its time.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from archive.platform.accounts.sources import Identity, ProviderAddress

__all__ = ["Provider", "ProviderAwayError", "ProviderRefusedError"]

log = logging.getLogger(__name__)

_PATIENCE = 10
_LEEWAY = 60
#: signatures with a key that only the provider has; never none, never one made with our own secret
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]


class ProviderAwayError(Exception):
    """The provider does not answer, or not as it should; the log says why."""


class ProviderRefusedError(Exception):
    """What came back proves nothing; the message says why, for the log."""


class Provider:
    """The provider of the setting `oidc`."""

    def __init__(self, address: ProviderAddress, secret: str, back: str) -> None:
        self._address = address
        self._secret = secret
        self._back = address.back or back

    def probe(self) -> None:
        """See whether it answers as the one that is set. Raises ProviderAwayError, which says why."""
        self._metadata()

    def where_to(self, state: str, nonce: str, verifier: str) -> str:
        """The address at the provider to which a browser goes. Raises ProviderAwayError."""
        endpoint = self._metadata()["authorization_endpoint"]
        with self._client() as client:
            url, _state = client.create_authorization_url(endpoint, state=state, nonce=nonce, code_verifier=verifier)
        return str(url)

    def who(self, returned: Mapping[str, str], nonce: str, verifier: str, now: datetime) -> Identity:
        """Whom the browser brought back word of, with the parameters it `returned` with; the state is checked already.

        Raises ProviderAwayError, ProviderRefusedError.
        """
        if returned.get("error") or not returned.get("code"):
            raise ProviderRefusedError(returned.get("error", "no code")[:100])
        # RFC 9207: another provider's answer is not taken for this one's.
        if returned.get("iss", self._address.issuer) != self._address.issuer:
            raise ProviderRefusedError("another issuer")
        metadata = self._metadata()
        try:
            with self._client() as client:
                token = client.fetch_token(metadata["token_endpoint"], code=returned["code"], code_verifier=verifier)
                claims = self._claims(token.get("id_token", ""), self._keys(metadata), nonce, now)
                return self._identity({**self._more(client, metadata, claims["sub"]), **claims})
        except (AuthlibBaseError, JoseError, ValueError) as error:
            raise ProviderRefusedError(type(error).__name__) from error
        except requests.RequestException as error:
            log.warning("the identity provider is away: %s", type(error).__name__)
            raise ProviderAwayError(str(error)) from error

    def _claims(self, id_token: str, keys: KeySet, nonce: str, now: datetime) -> dict[str, Any]:
        claims = jwt.decode(id_token, keys, algorithms=_ALGORITHMS).claims
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._address.issuer},
            aud={"essential": True, "value": self._address.client},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        registry.validate(claims)
        if claims.get("azp", self._address.client) != self._address.client:
            raise ProviderRefusedError("made for another client")
        return dict(claims)

    def _more(self, client: Any, metadata: Mapping[str, Any], subject: str) -> dict[str, Any]:
        """What the provider says of the same person where it is asked directly."""
        if "userinfo_endpoint" not in metadata:
            return {}
        said = client.get(metadata["userinfo_endpoint"], timeout=_PATIENCE).json()
        return said if isinstance(said, dict) and said.get("sub") == subject else {}

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        login, name = (str(claims.get(key) or "") for key in (self._address.login, self._address.name))
        groups = claims.get(self._address.groups) or []
        named = [groups] if isinstance(groups, str) else groups
        subject = f"{self._address.issuer} {claims['sub']}"
        return Identity(subject, login, name or login, frozenset(map(str, named)))

    def _metadata(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0), if it is the one that was set."""
        found = self._fetch(self._address.issuer.rstrip("/") + "/.well-known/openid-configuration")
        needed = {"authorization_endpoint", "token_endpoint", "jwks_uri"}
        if found.get("issuer") != self._address.issuer or needed - found.keys():
            log.warning("the identity provider is not the one that is set")
            raise ProviderAwayError("another issuer, or no provider")
        return found

    def _keys(self, metadata: Mapping[str, Any]) -> KeySet:
        return KeySet.import_key_set(self._fetch(metadata["jwks_uri"]))  # type: ignore[arg-type]

    def _fetch(self, url: str) -> dict[str, Any]:
        try:
            answer = requests.get(url, timeout=_PATIENCE)
            answer.raise_for_status()
            return dict(answer.json())
        except (requests.RequestException, ValueError, TypeError) as error:
            log.warning("the identity provider is away: %s", type(error).__name__)
            raise ProviderAwayError(str(error)) from error

    def _client(self) -> Any:
        return OAuth2Session(
            self._address.client,
            self._secret or None,
            scope=self._address.scope,
            redirect_uri=self._back,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
            default_timeout=_PATIENCE,
        )
