"""Packs the bytes of states and variables. Making a context costs more than its use: every thread keeps its own."""

import threading

import zstandard

PackingError = zstandard.ZstdError


class _Contexts(threading.local):
    """A compressor and a decompressor, which no two threads may use at once."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=3)
        self.decompressor = zstandard.ZstdDecompressor()


_contexts = _Contexts()


def pack(content: bytes) -> bytes:
    """`content` as one zstd frame that tells its size."""
    return _contexts.compressor.compress(content)


def unpack(packed: bytes) -> bytes:
    """What was packed. Raises PackingError for other bytes."""
    return _contexts.decompressor.decompress(packed)
