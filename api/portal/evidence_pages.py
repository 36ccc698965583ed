"""Files that residents sent in, for officers. That somebody opened one is written down."""

from collections.abc import Mapping
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import clock
from api.cases.model import Case
from api.cases.open_case import note
from api.errors import DoorstepError, NotFound
from api.evidence.keep import EvidenceStore, mark_opened
from api.evidence.model import Evidence
from api.evidence.shown import SHOWN_TYPE, CannotShow, shown_copy, told_by_camera
from api.portal import labels, queries
from api.portal.pages import Officer, OfficerRoute, officer_page
from api.portal.sessions import SignedIn
from api.reports.model import Report

router = APIRouter(prefix="/officers", route_class=OfficerRoute, include_in_schema=False)

# Pictures that a browser, or we, can open; and what it plays by itself.
PICTURES = "image/"
PLAYED = ("audio/", "video/")
# A file of a stranger's runs nothing and loads nothing, whatever it turns out to be.
ALONE: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; media-src 'self'; sandbox",
    "Cache-Control": "no-store",
}


class Gone(DoorstepError):
    status = 500
    title = "That file cannot be opened."

    def __init__(self) -> None:
        super().__init__(
            "It is not there any more, or it is not what was sent in. Tell your administrator at "
            "once: it is evidence."
        )


@router.get("/evidence/{evidence_id}")
def evidence_page(request: Request, who: Officer, evidence_id: str) -> Response:
    store: EvidenceStore = request.app.state.evidence
    landlord, team = who.officer.landlord, who.officer.team
    with request.app.state.db.reading() as session:
        evidence = _find(session, who, evidence_id)
        report = session.get_one(Report, evidence.report_id)
        case = queries.case_of(session, report, landlord=landlord, team=team)
    picture = evidence.media_type.startswith(PICTURES)
    return officer_page(
        "officers/evidence.html", request, who,
        here="cases" if case else "reviews",
        evidence=evidence,
        kind=labels.file(store.kinds, evidence.media_type),
        report=report,
        case=case,
        picture=picture,
        played=evidence.media_type.startswith(PLAYED),
        camera=_camera(store, evidence) if picture else [],
    )  # fmt: skip


@router.get("/evidence/{evidence_id}/shown")
def show_evidence(request: Request, who: Officer, evidence_id: str) -> Response:
    """A photo without what the camera wrote in it; sound and video as they came."""
    evidence, path = _open(request, who, evidence_id)
    if evidence.media_type.startswith(PLAYED):
        # As a file, so that a browser can ask for a part of it and jump to a moment.
        return FileResponse(path, media_type=evidence.media_type, headers=dict(ALONE))
    if not evidence.media_type.startswith(PICTURES):
        raise NotFound("This file cannot be shown. Save it as it came.")
    try:
        copy = shown_copy(path.read_bytes())
    except CannotShow as broken:
        raise NotFound("This picture cannot be shown. Save it as it came.") from broken
    return Response(copy, media_type=SHOWN_TYPE, headers=dict(ALONE))


@router.get("/evidence/{evidence_id}/original")
def save_original(request: Request, who: Officer, evidence_id: str) -> Response:
    """The file byte for byte as it came."""
    evidence, path = _open(request, who, evidence_id)
    kind = request.app.state.evidence.kinds.of(evidence.media_type)
    # One of a kind that is no longer taken is still given out.
    ending = kind.types[evidence.media_type] if kind else "bin"
    with request.app.state.db.reading() as session:
        reference = session.get_one(Report, evidence.report_id).reference
    name = f"{reference}-{evidence.sha256[:8]}.{ending}"
    return FileResponse(path, media_type=evidence.media_type, filename=name, headers=dict(ALONE))


def _find(session: Session, who: SignedIn, evidence_id: str) -> Evidence:
    found = queries.find_evidence(
        session, evidence_id, landlord=who.officer.landlord, team=who.officer.team
    )
    if found is None:
        raise NotFound("There is no such file among those you may see.")
    return found


def _open(request: Request, who: SignedIn, evidence_id: str) -> tuple[Evidence, Path]:
    """A file that the officer may see, and where it is. The first opening is written down."""
    store: EvidenceStore = request.app.state.evidence
    with request.app.state.db.reading() as session:
        evidence = _find(session, who, evidence_id)
    path = store.path_of(evidence.sha256)
    if evidence.opened_at is None or not _goes_on(request):
        try:
            store.unchanged(evidence)
        except (OSError, ValueError) as gone:
            raise Gone from gone
    elif not path.is_file():
        raise Gone
    if evidence.opened_at is None:
        _write_opened(request, who, evidence)
    return evidence, path


def _goes_on(request: Request) -> bool:
    """Whether a later part is asked for, as a player does again and again: what it plays was
    looked at from its beginning."""
    asked = request.headers.get("range", "").replace(" ", "")
    return asked.startswith("bytes=") and not asked.startswith("bytes=0-")


def _write_opened(request: Request, who: SignedIn, evidence: Evidence) -> None:
    now, by = clock.now(), who.officer.email
    with request.app.state.db.writing() as session:
        if not mark_opened(session, evidence.id, by=by, at=now):
            return
        case = session.scalar(select(Case).where(Case.report_id == evidence.report_id))
        if case:
            kind = labels.file(request.app.state.evidence.kinds, evidence.media_type)
            note(
                session, case, kind="evidence", at=now, by=by,
                words=f"Opened the {kind} for the first time.",
                data={"evidence": evidence.id},
            )  # fmt: skip


def _camera(store: EvidenceStore, evidence: Evidence) -> list[tuple[str, str]]:
    try:
        return told_by_camera(store.read(evidence))
    except (OSError, ValueError):
        return []
