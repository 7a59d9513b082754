"""The background work of intake: open a file, read pages, divide them, file what was accepted.

All of it may run twice.
"""

from archive.digitization.filing import file_draft, return_to_review
from archive.digitization.opening import open_file, refuse_file
from archive.digitization.proposing import settle_batch, settle_draft
from archive.digitization.quality.acceptance import accept_batch
from archive.digitization.reading import read_pages, set_page_aside
from archive.digitization.scanner.feeding import feed_batch, give_up_scanning
from archive.digitization.secrecy.service import take_in_again
from archive.platform.jobs.handler import Handler

__all__ = ["HANDLERS"]

#: kind of job -> what does it
HANDLERS = {
    "open": Handler(open_file, refuse_file),
    "pages": Handler(read_pages, set_page_aside),
    "split": Handler(settle_batch),
    "settle": Handler(settle_draft),
    "release": Handler(take_in_again),
    "accept": Handler(accept_batch),
    "scan": Handler(feed_batch, give_up_scanning),
    "file": Handler(file_draft, return_to_review),
}
