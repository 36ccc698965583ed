"""Files that residents sent in, for officers. That somebody opened one is written down."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import clock
from api.cases.model import Case
from api.cases.open_case import note
from api.errors import DoorstepError, NotFound
from api.evidence.keep import EvidenceStore, open_evidence
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
    evidence, content = _open(request, who, evidence_id)
    if evidence.media_type.startswith(PLAYED):
        # As a file, so that a browser can ask for a part of it and jump to a moment.
        path = request.app.state.evidence.path_of(evidence.sha256)
        return FileResponse(path, media_type=evidence.media_type, headers=dict(ALONE))
    if not evidence.media_type.startswith(PICTURES):
        raise NotFound("This file cannot be shown. Save it as it came.")
    try:
        return Response(shown_copy(content), media_type=SHOWN_TYPE, headers=dict(ALONE))
    except CannotShow as broken:
        raise NotFound("This picture cannot be shown. Save it as it came.") from broken


@router.get("/evidence/{evidence_id}/original")
def save_original(request: Request, who: Officer, evidence_id: str) -> Response:
    """The file byte for byte as it came."""
    evidence, content = _open(request, who, evidence_id)
    kind = request.app.state.evidence.kinds.of(evidence.media_type)
    # One of a kind that is no longer taken is still given out.
    ending = kind.types[evidence.media_type] if kind else "bin"
    with request.app.state.db.reading() as session:
        reference = session.get_one(Report, evidence.report_id).reference
    name = f"{reference}-{evidence.sha256[:8]}.{ending}"
    return Response(
        content,
        media_type=evidence.media_type,
        headers={**ALONE, "Content-Disposition": f'attachment; filename="{name}"'},
    )


def _find(session: Session, who: SignedIn, evidence_id: str) -> Evidence:
    found = queries.find_evidence(
        session, evidence_id, landlord=who.officer.landlord, team=who.officer.team
    )
    if found is None:
        raise NotFound("There is no such file among those you may see.")
    return found


def _open(request: Request, who: SignedIn, evidence_id: str) -> tuple[Evidence, bytes]:
    store: EvidenceStore = request.app.state.evidence
    now = clock.now()
    try:
        with request.app.state.db.writing() as session:
            first = _find(session, who, evidence_id).opened_at is None
            evidence, content = open_evidence(
                session, store, evidence_id, by=who.officer.email, at=now
            )
            case = session.scalar(select(Case).where(Case.report_id == evidence.report_id))
            if first and case:
                kind = labels.file(store.kinds, evidence.media_type)
                note(
                    session, case, kind="evidence", at=now, by=who.officer.email,
                    words=f"Opened the {kind} for the first time.",
                    data={"evidence": evidence.id},
                )  # fmt: skip
    except (OSError, ValueError) as gone:
        raise Gone from gone
    return evidence, content


def _camera(store: EvidenceStore, evidence: Evidence) -> list[tuple[str, str]]:
    try:
        return told_by_camera(store.read(evidence))
    except (OSError, ValueError):
        return []
