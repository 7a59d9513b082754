"""The test servers themselves: they are real, they start, they are private."""

import boto3
import psycopg
import pytest
from playwright.sync_api import Page
from sqlalchemy import make_url

from tests.servers.s3 import S3Bucket

pytestmark = pytest.mark.servers


def test_a_database_is_empty_and_speaks_utf8(postgres_database: str) -> None:
    """Each test gets a PostgreSQL database without tables that keeps Chinese text."""
    address = make_url(postgres_database).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        encoding = connection.execute("SELECT '档归', current_setting('server_encoding')").fetchone()
    assert (tables, encoding) == ((0,), ("档归", "UTF8"))


def test_a_bucket_keeps_an_object_and_refuses_a_second_creation(s3_bucket: S3Bucket) -> None:
    """Each test gets an S3 bucket that honours If-None-Match."""
    client = boto3.client("s3", endpoint_url=s3_bucket.server.endpoint)
    client.put_object(Bucket=s3_bucket.name, Key="a/b", Body=b"first", IfNoneMatch="*")
    with pytest.raises(client.exceptions.ClientError) as refused:
        client.put_object(Bucket=s3_bucket.name, Key="a/b", Body=b"second", IfNoneMatch="*")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    assert client.get_object(Bucket=s3_bucket.name, Key="a/b")["Body"].read() == b"first"


def test_a_page_shows_chinese(page: Page) -> None:
    """Each test gets a browser page that renders Chinese."""
    page.set_content("<h1>档归</h1>")
    assert page.get_by_role("heading").inner_text() == "档归"
