"""Files."""

from __future__ import annotations

from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import FileObject


def read_file(item: Reader) -> FileObject:
    """A `file_object`."""
    attributes = item.attributes("file_object")
    return FileObject(
        name=attributes.field("name").text(),
        mode=attributes.field("mode").text(),
        mode_bits=attributes.field("mode_bits").text(),
        size=attributes.field("size").integer(),
        is_file=attributes.field("is_file").flag(),
        is_symlink=attributes.field("is_symlink").flag(),
        mimetype=attributes.field("mimetype").text(),
        created_at=attributes.field("created_at").moment(),
        modified_at=attributes.field("modified_at").moment(),
    )
