"""Reading `data.toml` and `package.toml`: right ones are understood, wrong ones are named."""

import pytest

from app.definitions.errors import SettingsRefused
from app.definitions.rules import read_dictionary, read_settings

GOOD = """
[dispute_type]
type = "text"
source = "case"
form = true
label = { zh = "纠纷类型", en = "Dispute type" }
values = [ { value = "neighbour", zh = "邻里", en = "Neighbours" }, { value = "wages", zh = "工资", en = "Wages" } ]

[parties]
type = "list"
source = "party"
label = { zh = "当事人", en = "Parties" }

[notes]
type = "text"
sensitivity = "private"
label = { zh = "记录", en = "Notes" }
"""


def test_dictionary_knows_types_sources_and_words() -> None:
    dictionary = read_dictionary(GOOD.encode())
    entry = dictionary["dispute_type"]
    assert (entry.type, entry.source, entry.form, entry.sensitivity) == ("text", "case", True, "normal")
    label = entry.label_of("wages")
    assert label is not None
    assert (label.in_language("zh"), label.in_language("en")) == ("工资", "Wages")
    assert entry.label_of("divorce") is None
    assert dictionary.case_names == {"dispute_type"}
    assert dictionary.party_names == {"parties"}
    assert dictionary["notes"].source == "process"
    assert "unknown" not in dictionary


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = = 1", "line 1"),
        ("[Big]\ntype = 'text'\nlabel = {zh='a'}", "[Big]"),
        ("x = 1", "[x]: a table"),
        ("[x]\ntype = 'string'\nlabel = {zh='a'}", "x.type: one of text"),
        ("[x]\nlabel = {zh='a'}", "x.type"),
        ("[x]\ntype = 'text'", "x.label"),
        ("[x]\ntype = 'text'\nlabel = {en='a'}", "x.label.zh"),
        ("[x]\ntype = 'text'\nlabel = {zh='a'}\nfrom = 1", "x.from: unknown"),
        ("[x]\ntype = 'text'\nsource = 'moon'\nlabel = {zh='a'}", "x.source"),
        ("[x]\ntype = 'text'\nform = 1\nlabel = {zh='a'}", "x.form"),
        ("[x]\ntype = 'list'\nsource='party'\nform = true\nlabel = {zh='a'}", "x.form: the parties"),
        ("[x]\ntype = 'number'\nlabel = {zh='a'}\nvalues = [{value='1',zh='a'}]", "'1' is no number"),
        ("[x]\ntype = 'text'\nlabel = {zh='a'}\nvalues = [{value='1',zh='a'},{value='1',zh='b'}]", "twice"),
        ("[x]\ntype = 'text'\nlabel = {zh='a'}\nvalues = [{value='1'}]", "x.values[1].zh"),
        ("[x]\ntype = 'text'\nlabel = {zh='a'}\nvalues = 7", "x.values: a list"),
        ("[x]\ntype = 'text'\nlabel = {zh='a'}\nvalues_of = 'y'", "x.values_of: 'y' has no values"),
        ("[x]\ntype = 'text'\nlabel = {zh='a'}\nvalues_of = 'x'", "x.values_of: 'x' has no values"),
        (
            "[x]\ntype='number'\nlabel={zh='a'}\nvalues_of='y'\n[y]\ntype='text'\nlabel={zh='b'}\nvalues=[{value='1',zh='c'}]",
            "x.values_of: its own values",
        ),
    ],
)
def test_wrong_dictionary_is_refused_with_file_and_place(text: str, reason: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        read_dictionary(text.encode(), "processes/data.toml")
    assert refused.value.params["file"] == "processes/data.toml"
    assert reason in str(refused.value.params["reason"])


def test_text_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(SettingsRefused, match="not UTF-8"):
        read_dictionary("名 = 1".encode("gb18030"))


SETTINGS = """
name = "dispute"
label = { zh = "纠纷", en = "Dispute" }
main = "dispute"
stages = [ { id = "triage", zh = "甄别", en = "Triage" } ]
roles = ["clerk", "leader@county"]
topics = ["cases.close"]

[[actions]]
message = "party_withdrew"
label = { zh = "撤回", en = "Withdraw" }
form = "dispute/withdrawal"
roles = ["clerk"]
when = "= outcome = null"
"""


def test_settings_are_read() -> None:
    settings = read_settings(SETTINGS.encode())
    assert (settings.name, settings.main, settings.topics) == ("dispute", "dispute", ("cases.close",))
    assert settings.stages[0].label.en == "Triage"
    assert settings.actions[0].when == "= outcome = null"


def test_groups_outside_the_list_are_not_allowed() -> None:
    settings = read_settings(SETTINGS.encode())
    assert settings.allows_group("clerk")
    assert settings.allows_group("clerk@town")
    assert settings.allows_group("leader@county")
    assert not settings.allows_group("leader")
    assert not settings.allows_group("administrator")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (('main = "dispute"', ""), "main: a text"),
        (('"leader@county"', '"Leader!"'), "roles: 'Leader!'"),
        (('message = "party_withdrew"', "message = 3"), "actions[1].message"),
        (('topics = ["cases.close"]', 'topics = "cases.close"'), "topics: a list"),
        (("main =", "start ="), "start: unknown"),
    ],
)
def test_wrong_settings_are_refused_with_the_place(change: tuple[str, str], reason: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        read_settings(SETTINGS.replace(*change).encode())
    assert reason in str(refused.value.params["reason"])


def test_a_name_may_have_the_values_of_another() -> None:
    dictionary = read_dictionary(
        f"{GOOD}[guess]\ntype = 'text'\nlabel = {{zh='建议'}}\nvalues_of = 'dispute_type'".encode()
    )
    label = dictionary["guess"].label_of("wages")
    assert label is not None
    assert (label.en, dictionary["guess"].values_of) == ("Wages", "dispute_type")
