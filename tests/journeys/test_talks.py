"""Every conversation of talks/, under each of its landlords and on each of its channels."""

from pathlib import Path

import pytest

from tests.journeys.holding import Held
from tests.journeys.service import Service
from tests.journeys.talks import FOLDER, MistakeInFile, every_talk, read_talk

TALKS = every_talk()
RUNS = [
    pytest.param(name, landlord, channel, id=f"{name}-{landlord}-{channel}")
    for name, talk in TALKS.items()
    for landlord, channel in talk.runs
]
# Where the channels differ so much that each has a file of its own.
TWINS = (
    ("comes_back_later", "comes_back_later_on_the_web"),
    ("from_phone_to_web", "from_web_to_phone"),
    ("long_silence", "long_silence_on_the_web"),
    ("no_code_where_it_is_not_safe", "no_phone_where_it_is_not_safe"),
)
# A phone alone can be texted and has its number; from a text to the web it is one way.
ONE_CHANNEL = {"stop_closes_nothing", "a_person_without_a_number", "news_by_the_reference"}


@pytest.mark.journey
@pytest.mark.parametrize(("name", "landlord", "channel"), RUNS)
def test_conversation(service: Service, name: str, landlord: str, channel: str) -> None:
    Held(service, TALKS[name], landlord, channel).hold()


def test_there_are_enough_of_them() -> None:
    assert len(TALKS) >= 40
    assert {path.suffix for path in FOLDER.iterdir()} == {".toml"}


def test_each_is_held_on_both_channels() -> None:
    on = {name: {channel for _, channel in talk.runs} for name, talk in TALKS.items()}
    for one, other in TWINS:
        assert on.pop(one) | on.pop(other) == {"sms", "web"}, one
    assert {name for name, channels in on.items() if len(channels) == 1} == ONE_CHANNEL


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        ('[[turns]]\nsays = "hello"', "turns.0.says: Extra inputs are not permitted"),
        ('[[turns]]\nsay = "hello"\nlater = "3 days"', "turns.0: Value error, a turn is one of"),
        ('landlords = ["vivid"]\n[[turns]]\nsay = "hello"', "either `landlord` or `landlords`"),
        ('[[turns]]\nsay = "hello"\nonly = "web"', "`only` is for a talk that is held on both"),
        ('[[turns]]\nsay = "hello"\nhears = "hi"', "turns.0.hears: Input should be a valid list"),
        ("[[turns]", "talk.toml: "),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path: Path, mistake: str, told: str) -> None:
    file = tmp_path / "talk.toml"
    file.write_text(f'about = "x"\nlandlord = "vivid"\nno_case = true\n{mistake}\n')
    with pytest.raises(MistakeInFile) as caught:
        read_talk(file)
    assert told in str(caught.value)
    assert str(caught.value).startswith("talk.toml")
