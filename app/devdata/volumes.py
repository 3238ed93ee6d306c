"""The sealed volume of a copy: its records and its manifest say what the copy's own rows say, and hash as they do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.devdata.texts import Text, Texts, opened, opening
from app.documents.manifest import canonical, digest
from app.files.services import store

Row = dict[str, Any]

_OF_A_COPY = {
    "parties": ("phone", "identity_kind", "identity_index", "identity_tail"),
    "reports": ("source_number",),
}
"""What a copy has of its own in a way that no text tells."""


@dataclass(frozen=True, slots=True)
class Volume:
    """A sealed volume: its row, and the two papers that seal it."""

    archive: Row
    records_file: int
    records: str
    manifest: str


@dataclass(frozen=True, slots=True)
class Resealed:
    """What becomes of a volume in a copy: the hash of its manifest, and the bytes to keep."""

    manifest_hash: str
    contents: Sequence[bytes]


def read_volumes(rows: Mapping[str, Sequence[Row]]) -> list[Volume]:
    """The volumes of a case, whose rows are at hand."""
    hashes = {row["id"]: row["hash"] for row in rows.get("files", ())}
    volumes = []
    for archive in rows.get("archives", ()):
        manifest = store().read(hashes[archive["manifest_file_id"]]).decode()
        records_file = int(orjson.loads(manifest)["records"]["file"]["file"])
        records = store().read(hashes[records_file]).decode()
        volumes.append(Volume(archive, records_file, records, manifest))
    return volumes


class Papers:
    """The papers of a volume, read once for all copies, with an opening for whatever each copy has of its own."""

    def __init__(self, volume: Volume, texts: Texts) -> None:
        self.volume = volume
        records = orjson.loads(volume.records)
        for section, names in _OF_A_COPY.items():
            for one in records[section]:
                one |= {name: opening(section, one["id"], name) for name in names}
        manifest = orjson.loads(volume.manifest)
        manifest["records"]["file"] |= {"size": opening("size"), "sha256": opening("records")}
        manifest["records"]["sections"] = {name: opening("section", name) for name in records}
        manifest["history"]["hash"] = opening("history")
        self._sections = {name: _read(texts, records[name]) for name in sorted(records)}
        self._manifest = _read(texts, manifest)

    def reseal(
        self, rows: Mapping[str, Sequence[Row]], ids: Mapping[int, int], words: Mapping[str, str], head: bytes
    ) -> Resealed:
        """Write the papers for a copy whose `rows` are made, and put their hashes into the rows.

        `ids` and `words` lead from the played case to its copy; `head` is the copy's history as it stood at the
        sealing.
        """
        told = {**words, **_own(rows, ids)}
        sections = {name: text.filled(told) for name, text in self._sections.items()}
        content = _together(sections)
        told |= {opened("section", name): f'"{digest(text.encode())}"' for name, text in sections.items()}
        told |= {
            opened("size"): str(len(content)),
            opened("records"): f'"{digest(content)}"',
            opened("history"): f'"{head.hex()}"',
        }
        sealed = self._manifest.filled(told).encode()
        archived = self.volume.archive
        papers = {ids[self.volume.records_file]: content, ids[archived["manifest_file_id"]]: sealed}
        for file in rows["files"]:
            if file["id"] in papers:
                file |= {"hash": digest(papers[file["id"]]), "size": len(papers[file["id"]])}
        for archive in rows["archives"]:
            if archive["id"] == ids[archived["id"]]:
                archive |= {"manifest_hash": digest(sealed), "history_hash": head}
        return Resealed(digest(sealed), list(papers.values()))


def _read(texts: Texts, value: object) -> Text:
    text = canonical(value).decode()
    return texts.read(text) or Text(text.replace("%", "%%"), ())


def _own(rows: Mapping[str, Sequence[Row]], ids: Mapping[int, int]) -> dict[str, str]:
    """What a copy's rows say in the openings of its records."""
    old = {new: old for old, new in ids.items()}
    return {
        opened(section, old[row["id"]], name): canonical(row[name]).decode()
        for section, names in _OF_A_COPY.items()
        for row in rows.get(section, ())
        for name in names
    }


def _together(sections: Mapping[str, str]) -> bytes:
    """The canonical text of the records, whose sections are in order: each a step further to the right."""
    told = (f'  "{name}": ' + text.replace("\n", "\n  ") for name, text in sections.items())
    return ("{\n" + ",\n".join(told) + "\n}").encode()
