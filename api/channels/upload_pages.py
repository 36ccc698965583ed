"""A page at a one-time link, for photos, sound and video. A plain form: any phone can send it."""

from dataclasses import dataclass, field

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api import clock
from api.cases.model import Case
from api.cases.open_case import note
from api.channels.chat_sessions import exit_key
from api.channels.pace import TooFast
from api.channels.trouble_pages import ResidentRoute
from api.evidence.keep import EvidenceStore, NotKept, files_of, keep_evidence, write_down
from api.evidence.links import LinkIsOver, close_link, find_link, first_file
from api.evidence.model import UploadLink
from api.pages import is_framed, limited, london, page

router = APIRouter(route_class=ResidentRoute, include_in_schema=False)

MOST_FILES_AT_ONCE = 10
# What the words around the files in a form take.
ROOM_FOR_THE_FORM = 100_000
# A browser shows our words only once it has sent everything; what is far too large is cut off.
LISTEN_TO = 3
TRY_AGAIN = "Your files did not arrive whole, so none of them was kept. Please send them again."


@dataclass
class Outcome:
    """What became of the files of one form."""

    kept: int = 0
    problems: list[str] = field(default_factory=list)


@router.get("/upload/{token}")
def upload_page(request: Request, token: str, kept: int = 0) -> Response:
    return _page(request, token, Outcome(max(0, min(kept, MOST_FILES_AT_ONCE))))


@router.post("/upload/{token}")
async def send(request: Request, token: str) -> Response:
    """Keeps each file by itself: one that is refused takes no other with it."""
    store: EvidenceStore = request.app.state.evidence
    most = most_at_once(store)

    async def show(outcome: Outcome, status: int) -> Response:
        return await run_in_threadpool(_page, request, token, outcome, status)

    try:
        link = await run_in_threadpool(_link, request, token)
        request.app.state.pace.uploading(request, link.token_hash)
    except LinkIsOver:
        await _listen(request, most * LISTEN_TO)
        raise
    except TooFast as error:
        await _listen(request, most * LISTEN_TO)
        return await show(Outcome(problems=[error.detail]), error.status)
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        await _listen(request, most * LISTEN_TO)
        return await show(_too_much(store), 413)
    try:
        form = await Request(request.scope, limited(request.receive, most)).form(
            max_files=MOST_FILES_AT_ONCE, max_fields=20
        )
    except HTTPException as error:
        outcome = _too_much(store) if error.status_code == 413 else Outcome(problems=[TRY_AGAIN])
        return await show(outcome, error.status_code)
    try:
        files = [one for one in form.getlist("files") if isinstance(one, UploadFile)]
        files = [one for one in files if one.filename or one.size]
        if "finish" in form and not files:
            return await run_in_threadpool(_finish, request, token)
        outcome = await run_in_threadpool(_keep_all, request, token, files)
    finally:
        await form.close()
    if outcome.problems:
        return await show(outcome, 422)
    return RedirectResponse(f"/upload/{token}?kept={outcome.kept}", 303)


def most_at_once(store: EvidenceStore) -> int:
    """Bytes that one form may bring: two of the largest files."""
    return 2 * store.kinds.most_bytes + ROOM_FOR_THE_FORM


def _too_much(store: EvidenceStore) -> Outcome:
    most = 2 * store.kinds.most_bytes // 1_000_000
    return Outcome(
        problems=[
            f"That was more than {most} MB, or more than {MOST_FILES_AT_ONCE} files, so none of "
            "it was kept. Please send fewer files at a time."
        ]
    )


async def _listen(request: Request, most: int) -> None:
    """Hears what is sent, up to `most` bytes, and keeps none of it."""
    heard = 0
    async for part in request.stream():
        heard += len(part)
        if heard > most:
            return


def _link(request: Request, token: str) -> UploadLink:
    with request.app.state.db.reading() as session:
        return find_link(session, token, at=clock.now())


def _keep_all(request: Request, token: str, files: list[UploadFile]) -> Outcome:
    if not files:
        return Outcome(problems=["Choose a file first, then press Send."])
    outcome = Outcome()
    for one in files:
        name = _name(one.filename or "")
        try:
            _keep(request, token, one, name)
        except NotKept as refused:
            outcome.problems.append(f"{name}: {refused.detail}")
        else:
            outcome.kept += 1
    return outcome


def _keep(request: Request, token: str, one: UploadFile, name: str) -> None:
    now = clock.now()
    store: EvidenceStore = request.app.state.evidence
    if (one.size or 0) > store.kinds.most_bytes:
        raise NotKept("too_big", f"That is too large. We can take {store.kinds.in_words()}.")
    report_id = _link(request, token).report_id
    file = write_down(request.app.state.db, store, one.file.read(), report_id=report_id)
    with request.app.state.db.writing() as session:
        link = find_link(session, token, at=now)
        kept = keep_evidence(
            session,
            store.kinds,
            file,
            landlord=link.landlord,
            report_id=link.report_id,
            channel="upload",
            at=now,
            said_type=(one.content_type or "")[:200] or None,
            said_name=name,
        )
        first_file(link, at=now)
        case = session.scalar(select(Case).where(Case.report_id == link.report_id))
        if case and kept.received_at == now:
            kind = store.kinds.of(kept.media_type)
            assert kind
            note(
                session, case, kind="evidence", at=now, data={"evidence": kept.id},
                words=f"A {kind.label} came in.",
            )  # fmt: skip


def _name(given: str) -> str:
    """A file's name as it can be kept and shown; no phone's folders."""
    last = given.replace("\\", "/").rpartition("/")[2]
    clean = last.encode("utf-8", "replace").decode("utf-8")
    return "".join(letter for letter in clean if letter.isprintable())[:200] or "Your file"


def _finish(request: Request, token: str) -> Response:
    now = clock.now()
    with request.app.state.db.writing() as session:
        link = find_link(session, token, at=now)
        close_link(link, at=now)
        count = files_of(session, link.report_id)
    landlord = request.app.state.landlords[link.landlord]
    return page(
        "upload/done.html",
        frames=landlord.frames,
        framed=is_framed(request),
        exit_key=exit_key(request),
        landlord=landlord,
        count=count,
    )


def _page(request: Request, token: str, outcome: Outcome, status: int = 200) -> Response:
    store: EvidenceStore = request.app.state.evidence
    with request.app.state.db.reading() as session:
        link = find_link(session, token, at=clock.now())
        count = files_of(session, link.report_id)
    landlord = request.app.state.landlords[link.landlord]
    return page(
        "upload/page.html",
        status_code=status,
        frames=landlord.frames,
        framed=is_framed(request),
        exit_key=exit_key(request),
        landlord=landlord,
        token=token,
        kinds=store.kinds.kinds,
        most_megabytes=2 * store.kinds.most_bytes // 1_000_000,
        most_files=MOST_FILES_AT_ONCE,
        works_until=london(link.expires_at),
        kept=outcome.kept,
        count=count,
        problems=[{"field": "files", "words": words} for words in outcome.problems],
    )
