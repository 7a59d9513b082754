"""Pictures of pages in intake, for the review page. They never leave it: what is filed is shown by the viewer."""

import io
from typing import BinaryIO

from PIL import Image

from archive.digitization.intake import local_copy
from archive.digitization.models import DraftPage
from archive.platform.parts import Parts
from ingest.sources import open_source
from ingest.steps.orientation import turned

__all__ = ["page_picture"]

#: longest side in pixels: sharp enough to read small print beside the form
_LONGEST = 1800


def page_picture(parts: Parts, page: DraftPage) -> BinaryIO:
    """The upright page as a JPEG. Raises NotStoredError, UnreadableSourceError."""
    file = page.file
    with local_copy(parts, file.intake_key) as path, open_source(path, file.name) as source:
        pixels, _ = source.image(page.source_page + 1)
    picture = Image.fromarray(turned(pixels, page.rotation))
    picture.thumbnail((_LONGEST, _LONGEST))
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=80)
    jpeg.seek(0)
    return jpeg
