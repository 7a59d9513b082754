"""What features bring: jobs, what the keeper does, how an item comes into the index, what people have in hand."""

from collections.abc import Iterable
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.borrowing.copies.duties import CopyDuty
from archive.borrowing.ledger.effects import ask_for_effects
from archive.borrowing.paper.duties import PaperDuty
from archive.borrowing.paper.keeping import watch_paper
from archive.borrowing.paper.out_acts import SUBJECT as OUT
from archive.borrowing.paper.subjects import OutActSubject, VisitItemSubject
from archive.borrowing.paper.visits import SUBJECT as VISIT
from archive.borrowing.service import SUBJECT as READING
from archive.borrowing.standing import STANDING, StandingSubject, close_lapsed
from archive.borrowing.subject import RequestLineSubject
from archive.borrowing.task_list import tell_of_tasks
from archive.catalogue.filing import write_descriptions
from archive.catalogue.models import Item
from archive.digitization import jobs as digitization
from archive.digitization.secrecy.isolation import keep_isolated
from archive.digitization.sweep import recover_begun, sweep_intake, sweep_orphans
from archive.digitization.upload.receiving import sweep_uploads
from archive.digitization.watch import poll_watch_folder
from archive.discovery.search import build_documents
from archive.platform.accounts.duties import Duty
from archive.platform.approval.duties import ApprovalDuty
from archive.platform.approval.keeping import keep_time_limits
from archive.platform.approval.subjects import Subjects
from archive.platform.audit.sealer import seal, seal_all
from archive.platform.delivery import drain_index
from archive.platform.jobs.handler import Handler
from archive.platform.jobs.keeper import Task
from archive.platform.jobs.purge import purge_jobs
from archive.platform.journal.snapshot import write_snapshot
from archive.platform.journal.writer import write_journal
from archive.platform.notifications.mail import send_mail
from archive.platform.notifications.outbox import delete_old_notices, hand_on
from archive.platform.notifications.webhook import call_webhook
from archive.platform.parts import Location, Parts
from archive.platform.scratch import sweep_scratch
from archive.preservation.copying import copy_shared, keep_copies, reconcile_copies
from archive.preservation.locking import renew_locks
from archive.preservation.rounds import read_again
from archive.preservation.shared import read_shared_again

__all__ = ["approval_subjects", "build_documents", "item_ids", "job_handlers", "keeper_tasks", "open_duties"]

_MINUTE = 60.0
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def job_handlers() -> dict[str, Handler]:
    """Kind of job -> what does it."""
    return {**digitization.HANDLERS}


def approval_subjects() -> Subjects:
    """Kind of subject -> what can be approved."""
    return {READING: RequestLineSubject(), STANDING: StandingSubject(), OUT: OutActSubject(), VISIT: VisitItemSubject()}


def keeper_tasks() -> list[Task]:
    """What the keeper does again and again."""
    return [
        Task("store outbox", write_descriptions),
        Task("journal", write_journal, every=1.0),
        Task("journal snapshot", write_snapshot, every=_DAY),
        Task("index outbox", _index),
        Task("sealing", seal),
        Task("whole trail", seal_all, every=_HOUR),
        Task("approval time limits", partial(keep_time_limits, subjects=approval_subjects()), every=_MINUTE),
        Task("lapsed standing authorisations", close_lapsed, every=_MINUTE),
        Task("monthly list of tasks", tell_of_tasks, every=_HOUR),
        Task("notices", hand_on, every=1.0),
        Task("e-mail", send_mail, every=5.0),
        Task("webhook", call_webhook, every=2.0),
        Task("old notices", delete_old_notices, every=_DAY),
        Task("paper", watch_paper, every=_MINUTE),
        Task("effects of use", ask_for_effects, every=_HOUR),
        Task("watch folder", poll_watch_folder, every=1.0),
        Task("intake sweep", sweep_intake, every=_MINUTE),
        Task("broken uploads", sweep_uploads, every=_MINUTE),
        Task("isolation", keep_isolated, every=5.0),
        Task("orphan sweep", sweep_orphans, every=_DAY),
        Task("recovery", recover_begun, every=_HOUR),
        Task("ended jobs", purge_jobs, every=_HOUR),
        Task("scratch sweep", sweep_scratch, every=_MINUTE),
        Task("copies", keep_copies),
        Task("second copy of the rest", copy_shared, every=_MINUTE),
        Task("missing copies", reconcile_copies, every=_HOUR),
        Task("locks", renew_locks, every=_HOUR),
        Task("trail and journal", read_shared_again, every=_DAY),
        Task("fixity round", partial(read_again, location=Location.PRIMARY), every=1.0),
        Task("fixity round of the second store", partial(read_again, location=Location.SECOND), every=1.0),
    ]


def open_duties() -> list[Duty]:
    """What can be open in a person's name, and is handed over when he leaves."""
    return [ApprovalDuty(), PaperDuty(), CopyDuty()]


def item_ids(session: Session) -> Iterable[str]:
    """Every item that may belong in the index."""
    return session.scalars(select(Item.id).order_by(Item.id))


def _index(parts: Parts) -> int:
    return drain_index(parts, build_documents)
