"""What sending texts needs, put together once for a process."""

from dataclasses import dataclass

from api.channels.sms.carriers import Carriers, make_carriers
from api.channels.sms.pace import Answering, Pace
from api.contacts.gate import Ceilings
from api.db import Database
from api.evidence.keep import EvidenceStore, open_store
from api.intake.rulebook import Rulebook
from api.settings import Settings


@dataclass(frozen=True)
class Post:
    db: Database
    rulebook: Rulebook
    carriers: Carriers
    evidence: EvidenceStore
    ceilings: Ceilings
    pace: Pace
    answering: Answering
    demo: bool


def make_post(settings: Settings, db: Database, rulebook: Rulebook) -> Post:
    return Post(
        db=db,
        rulebook=rulebook,
        carriers=make_carriers(settings),
        evidence=open_store(settings.data_dir, settings.evidence_file),
        ceilings=Ceilings(
            contacts_a_day=settings.sms_contacts_a_day,
            texts_a_day=settings.sms_texts_a_day,
            segments=settings.sms_most_segments,
        ),
        pace=Pace(settings.sms_segments_per_second),
        answering=Answering(settings),
        demo=settings.demo,
    )
