"""A filter never lets through what the corpus does not say of an item, and its counts are those of the items behind it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import FilterUnknown
from assistant.lookup import Lookup
from assistant.pipeline import Assistant


@st.composite
def choices(draw: st.DrawFn, lookup: Lookup) -> dict[str, list[str]]:
    rows = draw(st.lists(st.sampled_from(lookup._rules.filters), max_size=4, unique_by=lambda row: row.id))
    return {row.id: draw(st.lists(st.sampled_from([value.id for value in row.values]), min_size=1, max_size=3, unique=True)) for row in rows}


@given(data=st.data(), text=st.sampled_from(["", "stretch", "exercise for leg pain", "ql", "pregnancy", "zzzz"]))
def test_every_item_found_has_what_was_chosen(lookup: Lookup, data: st.DataObject, text: str) -> None:
    chosen = data.draw(choices(lookup))
    needs_all = {row.id for row in lookup._rules.filters if row.all}
    for found in lookup.find(text, chosen, limit=50).items:
        for name, values in chosen.items():
            had = [(name, value) in found.item.tags for value in values]
            assert all(had) if name in needs_all else any(had)


@given(data=st.data(), text=st.sampled_from(["", "stretch", "core", "leg pain"]))
def test_a_count_is_what_choosing_it_would_find(lookup: Lookup, data: st.DataObject, text: str) -> None:
    chosen = data.draw(choices(lookup))
    found = lookup.find(text, chosen)
    row = data.draw(st.sampled_from(lookup._rules.filters))
    value = data.draw(st.sampled_from(row.values))
    counted = next(v.count for f in found.filters if f.id == row.id for v in f.values if v.id == value.id)
    with_it = {**chosen, row.id: [*(chosen.get(row.id, []) if row.all else []), value.id]}
    assert lookup.find(text, with_it).total == counted


def test_osteoporosis_safe_holds_only_where_the_corpus_says_so(lookup: Lookup) -> None:
    for item in lookup.items:
        exercise = item.document.exercise
        safe = (exercise is not None and exercise.osteoporosis_safe) or item.id == "older-adult-osteoporosis-safe"
        assert (("population", "osteoporosis-safe") in item.tags) == safe, item.id


def test_pregnancy_holds_only_where_the_corpus_says_so(lookup: Lookup) -> None:
    for item in lookup.items:
        advice = item.document.exercise.pregnancy if item.document.exercise else None
        assert (("population", "pregnancy") in item.tags) == (advice == "ok" or item.id == "pregnancy-safe"), item.id
        assert (("population", "pregnancy-modify") in item.tags) == (advice == "modify"), item.id


def test_pregnant_with_weak_bones_needs_both(lookup: Lookup) -> None:
    for found in lookup.find("", {"population": ["pregnancy", "osteoporosis-safe"]}, limit=50).items:
        assert found.item.document.exercise
        assert found.item.document.exercise.osteoporosis_safe
        assert found.item.document.exercise.pregnancy == "ok"


def test_high_irritability_gets_first_levels_that_are_marked_for_a_flare(lookup: Lookup) -> None:
    found = lookup.find("", {"irritability": ["high"]}, limit=50)
    assert found.total > 5
    for item in (found.item for found in found.items):
        assert item.document.exercise
        assert item.document.exercise.level == 1
        assert "acute flare" in item.document.exercise.suits


def test_what_is_said_of_a_class_of_exercises_is_no_strength_of_each(lookup: Lookup) -> None:
    assert all(name != "strength" for item in lookup.items if item.kind == "exercise" for name, _ in item.tags)


@pytest.mark.parametrize("filters", [{"nonsense": ["x"]}, {"kind": ["jo@example.com"]}])
def test_an_unknown_filter_is_refused_without_repeating_it(assistant: Assistant, filters: dict[str, list[str]]) -> None:
    with pytest.raises(FilterUnknown) as raised:
        assistant.lookup("ql", filters)
    assert "Choose from" in str(raised.value)
    assert "nonsense" not in str(raised.value)
    assert "example.com" not in str(raised.value)


def test_every_choice_of_every_filter_has_items(lookup: Lookup) -> None:
    empty = [(f.id, v.id) for f in lookup.find("").filters for v in f.values if not v.count and (f.id, v.id) != ("kind", "clinic")]
    assert empty == []
