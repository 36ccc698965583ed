"""The cast. All numbers are Ofcom's drama range; nobody here is a real person."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    name: str
    number: str
    address: str
    email: str


ALICE = Person(
    "Alice Appleby", "+447700900201", "12 Elm Court, Sample Town, ZZ1 1AA", "alice@example.org"
)
BOB = Person("Bob Birch", "+447700900202", "7 Oak House, Sample Town, ZZ1 1AB", "bob@example.org")
CHARLIE = Person(
    "Charlie Cedar", "+447700900203", "3 Ash Walk, Sample Town, ZZ1 1AC", "charlie@example.org"
)
DINAH = Person(
    "Dinah Dogwood", "+447700900204", "21 Fir Lane, Sample Town, ZZ1 1AD", "dinah@example.org"
)
ERIN = Person("Erin Elder", "+447700900205", "9 Yew Road, Sample Town, ZZ1 1AE", "erin@example.org")
FARID = Person(
    "Farid Fern", "+447700900206", "30 Pine View, Sample Town, ZZ1 1AF", "farid@example.org"
)
GRACE = Person(
    "Grace Gorse", "+447700900207", "5 Holly Mews, Sample Town, ZZ1 1AG", "grace@example.org"
)
