"""The simulated phone network as one web app, on loopback.

Twilio's side, with the account's SID and token (`tests.phone.twilio_api`):

    POST GET            /2010-04-01/Accounts/{sid}/Messages.json
    GET POST DELETE     /2010-04-01/Accounts/{sid}/Messages/{sid}.json
    GET DELETE          /2010-04-01/Accounts/{sid}/Messages/{sid}/Media…

What is set up in the account (`tests.phone.account_api`):

    GET  /2010-04-01/Accounts/{sid}.json · …/IncomingPhoneNumbers.json
    GET  /v1/Services · /v1/Services/{sid} · …/PhoneNumbers · /v1/Messaging/GeoPermissions

The handset (`tests.phone.handset`):

    GET  /                                  the page
    POST /_handset/{number}/texts           {"to","body","media"?} → {"sid","webhook_status"}
    GET  /_handset/{number}/texts           ?with=NUMBER&after=SID&wait=SECONDS&every=true

The operators' desk (`tests.phone.desk`):

    GET POST /_control    POST /_reset    POST /_settle    POST /_callbacks/release
    POST /_replay {"sid"}    GET /_messages    GET /_webhooks?sid=&kind=

Numbers that fail on purpose are in `tests.phone.magic`.
"""

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from tests.phone import account_api, desk, handset, twilio_api
from tests.phone.errors import TwilioError, answer
from tests.phone.exchange import Exchange
from tests.phone.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """The simulator for one account; its state is `app.state.exchange`."""
    exchange = Exchange(settings)

    app = FastAPI(title="Simulated phone", docs_url=None, redoc_url=None)
    app.state.exchange = exchange
    app.add_exception_handler(TwilioError, answer)
    app.mount("/assets", StaticFiles(directory=handset.PAGES / "assets"), name="assets")
    app.include_router(handset.router)
    app.include_router(desk.router)
    app.include_router(account_api.router)
    app.include_router(twilio_api.router)
    return app
