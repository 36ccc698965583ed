"""A simulated phone network: Twilio's messaging API and a handset, on this machine only.

Nothing is sent to anybody. The product talks to it as it talks to Twilio: with the real client,
over HTTP, with real signatures. `python -m tests.phone` runs it; `tests.phone.app` describes
its addresses and `tests.phone.magic` the numbers that fail on purpose.
"""
