"""Buckets that speak the S3 protocol, Amazon's or any other: where one is, and a client for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config, S3Store

_RETRIES: Final[RetryConfig] = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket is and how to get in; without keys, as the AWS environment or role of this machine says."""

    name: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)


def opened(bucket: Bucket) -> S3Store:
    """Return a client; nothing is asked of the bucket yet. An object can be made on the condition that it is new."""
    from obstore.store import S3Store  # noqa: PLC0415 - most have no bucket, and it takes five megabytes

    config: S3Config = {"conditional_put": "etag"}
    if bucket.endpoint:
        config["endpoint"] = bucket.endpoint
    if bucket.region:
        config["region"] = bucket.region
    if bucket.access_key:
        config["access_key_id"], config["secret_access_key"] = bucket.access_key, bucket.secret_key
    client: ClientConfig = {
        "allow_http": bucket.endpoint.startswith("http://"),
        "connect_timeout": timedelta(seconds=5),
        "timeout": timedelta(seconds=60),
    }
    prefix = bucket.prefix.strip("/") or None
    return S3Store(bucket.name, prefix=prefix, config=config, client_options=client, retry_config=_RETRIES)
