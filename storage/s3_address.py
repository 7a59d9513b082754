"""Where a bucket is, as one URL says it: `s3://bucket/prefix?endpoint=http://127.0.0.1:7070&region=us-east-1`."""

from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from storage.errors import InvalidKeyError, StoreUrlError
from storage.keys import check_key

__all__ = ["S3Address"]

_OPTIONS = frozenset({"endpoint", "region"})


@dataclass(frozen=True, slots=True)
class S3Address:
    """A bucket, the prefix of our keys in it ("" or ending in "/"), and whom to ask.

    None leaves endpoint or region to the environment.
    """

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None

    @classmethod
    def of_url(cls, url: str) -> "S3Address":
        """Read a URL. Raises StoreUrlError, which never repeats a secret."""
        parts = urlsplit(url)
        if "@" in url:
            raise StoreUrlError("an s3 URL takes no user or password: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        if parts.scheme != "s3" or not parts.netloc or parts.fragment:
            raise StoreUrlError(
                f"'{url}' names no bucket: it must be like s3://bucket/prefix?endpoint=http://host:7070"
            )
        options = _options(url, parts)
        return cls(parts.netloc, _prefix(url, parts), options.get("endpoint"), options.get("region"))

    @property
    def url(self) -> str:
        """The URL again, in one spelling."""
        given = {"endpoint": self.endpoint, "region": self.region}
        query = urlencode({name: value for name, value in given.items() if value}, safe=":/")
        path = f"/{self.prefix.rstrip('/')}" if self.prefix else ""
        return f"s3://{self.bucket}{path}{'?' if query else ''}{query}"


def _options(url: str, parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = options.keys() - _OPTIONS
    if unknown:
        raise StoreUrlError(f"'{url}' has an option '{min(unknown)}' that is not known: endpoint and region are")
    endpoint = options.get("endpoint")
    if endpoint is not None and not endpoint.startswith(("http://", "https://")):
        raise StoreUrlError(f"'{url}' has an endpoint '{endpoint}' that does not begin with http:// or https://")
    return options


def _prefix(url: str, parts: SplitResult) -> str:
    path = parts.path.strip("/")
    if not path:
        return ""
    try:
        return f"{check_key(path)}/"
    except InvalidKeyError as error:
        raise StoreUrlError(f"'{url}' has a prefix that is no key: {error}") from error
