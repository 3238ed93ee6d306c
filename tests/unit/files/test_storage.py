"""Bytes under their hash."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.files.storage import Store


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(b"agreement")
    assert store.put(b"agreement") == digest == hashlib.sha256(b"agreement").hexdigest()
    assert store.read(digest) == b"agreement"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [
        tmp_path / digest[:2] / digest[2:4] / digest,
    ]


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(b"agreement")
    assert store.is_whole(digest)
    store.path(digest).write_bytes(b"agreemenT")
    assert not store.is_whole(digest)
    store.path(digest).unlink()
    assert not store.is_whole(digest)


def test_a_half_written_file_is_written_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(b"agreement")
    store.path(digest).write_bytes(b"agr")
    store.put(b"agreement")
    assert store.read(digest) == b"agreement"


@pytest.mark.parametrize("name", ["../../secret.key", "", "g" * 64, "A" * 64])
def test_only_a_hash_names_a_place(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no SHA-256"):
        Store(tmp_path).path(name)


def test_what_was_just_put_survives_a_sweep(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(b"old")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert not store.remove_older(digest, yesterday)
    os.utime(store.path(digest), (0, 0))
    store.put(b"old")
    assert not store.remove_older(digest, yesterday)
    os.utime(store.path(digest), (0, 0))
    assert store.remove_older(digest, yesterday)
    assert list(store.hashes()) == []
