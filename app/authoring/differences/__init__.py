"""What differs between two versions of a file or a package, told as a person would: row by row, field by field."""

from app.authoring.differences.changes import Change, Detail, FileDifference, compare_files, compare_packages
from app.authoring.differences.tables import Cell, TableDifference, TableRow
from app.authoring.differences.texts import Line

__all__ = [
    "Cell",
    "Change",
    "Detail",
    "FileDifference",
    "Line",
    "TableDifference",
    "TableRow",
    "compare_files",
    "compare_packages",
]
