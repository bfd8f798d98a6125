"""Blobs: sealed pieces too large for a database, under random names that say nothing.

protocol   BlobStore: what a place for blobs can do
memory     MemoryBlobs, the reference
files      FileBlobs, a directory
s3         S3Blobs, a bucket
"""

from __future__ import annotations

from storage.blobs.memory import MemoryBlobs
from storage.blobs.protocol import BlobStore

__all__ = ["BlobStore", "MemoryBlobs"]
