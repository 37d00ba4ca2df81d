"""Follow-ups: what refers back is read together with what went before, and what stands alone is left as it is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.contract import as_dict
from assistant.conversation import MAX_CHARS_READ, contextualise, subject_names
from assistant.corpus import Corpus
from assistant.pipeline import Assistant, converse
from assistant.records import Question, Turn
from assistant.text.subjects import Subjects

HEAT = "does heat help low back pain"
TILT = Turn("assistant", "The pelvic tilt helps…", ("pelvic-tilt#steps",), "pelvic-tilt")


WARM = Turn("assistant", "Yes…", ("heat#does-heat-help",), "heat")


def test_what_is_looked_up_is_embedded_in_one_call_with_what_triage_hears(mini_assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    embed = mini_assistant.index.embedder.embed
    monkeypatch.setattr(mini_assistant.index.embedder, "embed", lambda texts: calls.append(list(texts)) or embed(texts))
    mini_assistant.reply(Question("My back is stiff. Does heat help low back pain?"))
    assert len(calls) == 1


def test_triage_goes_on_when_what_is_looked_up_cannot_be_foreseen(mini_assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a slip")

    monkeypatch.setattr(mini_assistant, "_standalone", broken)
    with pytest.raises(RuntimeError):  # where it is looked up, and not in triage
        mini_assistant.reply(Question(HEAT))
    assert mini_assistant.reply(Question("I am numb between my legs and my back hurts")).card


def subjects(corpus: Corpus) -> Subjects:
    return Subjects(subject_names(corpus.by_id, [(row.kind, (*row.lay, *row.clinical), row.clinical[0]) for row in corpus.glossary]))


def after(*turns: Turn | str) -> tuple[Turn, ...]:
    return tuple(Turn("user", turn) if isinstance(turn, str) else turn for turn in turns)


def read(corpus: Corpus, text: str, *turns: Turn | str) -> tuple[str, str | None]:
    standalone = contextualise(Question(text, after(*turns)), corpus.by_id, subjects(corpus))
    return standalone.question.text, standalone.focus


def test_first_message_is_left_as_it_is(mini_corpus: Corpus) -> None:
    assert read(mini_corpus, "how long should I hold it?") == ("how long should I hold it?", None)


@pytest.mark.parametrize(
    "text", ["and how long do I hold it?", "how many?", "is it safe?", "why", "how often should I do that", "and on the other side?"]
)
def test_follow_up_takes_up_the_exercise_in_focus_by_name(mini_corpus: Corpus, text: str) -> None:
    assert read(mini_corpus, text, "pelvic tilt please", TILT) == (f"{text} (pelvic tilt)", "pelvic-tilt")


@pytest.mark.parametrize("text", ["is it safe?", "can I use it at night?", "how does that work?"])
def test_pronoun_takes_up_what_the_question_before_names(mini_corpus: Corpus, text: str) -> None:
    assert read(mini_corpus, text, HEAT, WARM) == (f"{text} (heat)", None)


@pytest.mark.parametrize("text", ["why", "and at night?"])
def test_question_without_a_subject_goes_on_with_the_question_before(mini_corpus: Corpus, text: str) -> None:
    assert read(mini_corpus, text, HEAT, WARM)[0] == f"{HEAT} {text}"


@pytest.mark.parametrize("text", ["how long?", "and for how many weeks?", "how often"])
def test_amount_is_asked_of_the_thing_and_not_whether_it_is_good(mini_corpus: Corpus, text: str) -> None:
    assert read(mini_corpus, text, HEAT, WARM)[0] == f"{text} (heat)"
    assert read(mini_corpus, text, "exercises for a stiff back please", WARM)[0] == f"exercises for a stiff back please {text}"


@pytest.mark.parametrize("text", ["are you sure?", "really? my gp said the opposite"])
def test_doubt_asks_the_same_again(mini_corpus: Corpus, text: str) -> None:
    standalone = contextualise(Question(text, after(HEAT, WARM)), mini_corpus.by_id, subjects(mini_corpus))
    assert (standalone.question.text, standalone.whole, standalone.shown) == (f"{HEAT} {text}", "", "")


def test_topic_lasts_over_several_follow_ups(mini_corpus: Corpus) -> None:
    assert "heat" in read(mini_corpus, "and how often?", HEAT, WARM, "is it safe?", WARM)[0]


@pytest.mark.parametrize("text", ["I have weak bones", "I am 34 weeks pregnant", "my skin is thin"])
def test_circumstance_is_read_together_with_what_was_asked(mini_corpus: Corpus, text: str) -> None:
    resolved = read(mini_corpus, text, HEAT, WARM)[0]
    assert resolved.endswith(text)
    assert "heat" in resolved


@pytest.mark.parametrize(
    "text", ["which exercises are good for a stiff lower back?", "should I rest in bed when my back hurts?", "does massage help with sciatica?"]
)
def test_question_that_stands_alone_is_left_as_it_is(mini_corpus: Corpus, text: str) -> None:
    assert read(mini_corpus, text, "pelvic tilt please", TILT) == (text, None)


def test_it_that_stands_for_nothing_does_not_point_back(mini_corpus: Corpus) -> None:
    text = "is it ok to sit with heat on my back?"
    assert read(mini_corpus, text, "pelvic tilt please", TILT) == (text, None)


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("what about ice?", "does ice help low back pain"),
        ("and ice", "does ice help low back pain"),
        ("sorry, ice, not heat", "does ice help low back pain"),
        ("I meant ice", "does ice help low back pain"),
        ("no, I meant my neck, not low back", "does heat help neck pain"),
    ],
)
def test_another_thing_takes_the_place_of_the_one_before(mini_corpus: Corpus, text: str, resolved: str) -> None:
    assert read(mini_corpus, text, HEAT, WARM)[0] == resolved


def test_guideline_takes_the_place_of_a_guideline(mini_corpus: Corpus) -> None:
    assert read(mini_corpus, "and the WHO?", "what does NICE say about heat", WARM)[0] == "what does the WHO say about heat"


def test_another_place_takes_the_place_of_the_one_before(mini_corpus: Corpus) -> None:
    assert read(mini_corpus, "what about in the car?", "best way to sit at my desk", WARM)[0] == "best way to sit in the car?"


@pytest.mark.parametrize("text", ["yes please", "ok", "tell me more", "go on", "what else", "that didn't help", "you already said that"])
def test_wish_for_more_asks_the_same_again_and_passes_over_what_was_shown(mini_corpus: Corpus, text: str) -> None:
    standalone = contextualise(Question(text, after(HEAT, WARM)), mini_corpus.by_id, subjects(mini_corpus))
    assert (standalone.question.text, standalone.passed, standalone.goes_on) == (HEAT, {"heat#does-heat-help"}, True)


@pytest.mark.parametrize("text", ["too long", "shorter please", "I don't understand", "in plain words"])
def test_wish_for_fewer_words_asks_the_same_briefly(mini_corpus: Corpus, text: str) -> None:
    standalone = contextualise(Question(text, after(HEAT, WARM)), mini_corpus.by_id, subjects(mini_corpus))
    assert (standalone.question.text, standalone.brief) == (HEAT, True)


def test_number_counts_to_a_line_of_the_last_answer(mini_corpus: Corpus) -> None:
    shown = Turn("assistant", "Lie on your back.\nTilt your pelvis.\nRelax.", ("pelvic-tilt#steps",), "pelvic-tilt")
    assert read(mini_corpus, "number 2?", "pelvic tilt", shown)[0] == "Tilt your pelvis. number 2?"


def test_second_one_counts_to_a_choice_in_the_question(mini_corpus: Corpus) -> None:
    assert read(mini_corpus, "how long for the second one", "is heat or ice better", WARM)[0] == "ice how long for the second one"


def test_thanks_before_a_question_are_passed_over(mini_corpus: Corpus) -> None:
    assert read(mini_corpus, "thanks!! how many?", "pelvic tilt", TILT)[0] == "how many? (pelvic tilt)"


def test_long_question_says_what_it_is_about(mini_corpus: Corpus) -> None:
    text = "I have been doing it every day since the summer and now I wonder whether a hot bath would help my back more?"
    assert read(mini_corpus, text, "pelvic tilt please", TILT) == (text, None)


def test_last_answer_alone_is_in_focus(mini_corpus: Corpus) -> None:
    knee = Turn("assistant", "…", ("knee-to-chest#steps",), "knee-to-chest")
    assert read(mini_corpus, "how many?", "tilt", TILT, "knee to chest", knee)[1] == "knee-to-chest"


@pytest.mark.parametrize(
    "forged", [Turn("assistant", "…", ("nowhere#x",), "nowhere"), Turn("assistant", "…", ("",), ""), Turn("assistant", "…", ("../../x",), "#")]
)
def test_focus_that_does_not_exist_is_passed_over(mini_corpus: Corpus, forged: Turn) -> None:
    assert read(mini_corpus, "and why?", HEAT, forged) == (f"{HEAT} and why?", None)


def test_focus_may_carry_its_folder(mini_corpus: Corpus) -> None:
    turn = Turn("assistant", "…", ("exercise/pelvic-tilt#steps",), "exercise/pelvic-tilt")
    assert read(mini_corpus, "how many?", "tilt", turn)[1] == "pelvic-tilt"


TEXTS = st.sampled_from([HEAT, "how many?", "it", "I have weak bones", "no, I meant heat", "hello", "?", "कमर"])
TURNS = st.lists(st.one_of(TEXTS.map(lambda t: Turn("user", t)), st.just(TILT), st.just(Turn("assistant", "", ("x",), "y"))), max_size=5).map(tuple)


@given(TEXTS, TURNS)
def test_every_history_gives_a_question_and_a_known_focus(mini_corpus: Corpus, text: str, history: tuple[Turn, ...]) -> None:
    standalone = contextualise(Question(text, history), mini_corpus.by_id, subjects(mini_corpus))
    assert standalone.question.text.strip()
    assert standalone.focus is None or standalone.focus in mini_corpus.by_id


@pytest.mark.parametrize(
    "text",
    ["yes,,,,,, " * 20 + "zebra", "tell me more " * 150 + "x", "thanks, " * 250 + "x", "I mean the " * 180, "no, not that one " * 110, "in a " * 400 + "!", "a or b " * 280],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_time_grows_with_the_text_whatever_is_repeated(mini_corpus: Corpus, text: str) -> None:
    names = subjects(mini_corpus)
    begun = time.process_time()
    for turns in ((HEAT, TILT), (text,) * 12):
        contextualise(Question(text, after(*turns)), mini_corpus.by_id, names)
    assert time.process_time() - begun < 1.0


def test_what_turns_add_to_each_other_does_not_grow_without_end(mini_corpus: Corpus) -> None:
    text, _ = read(mini_corpus, "and it?", *["heat and it, " * 150] * 30)
    assert len(text) <= MAX_CHARS_READ + 20


def test_follow_up_is_read_alone_and_after_all_turns_before_it_as_well(mini_corpus: Corpus) -> None:
    history = after(HEAT, WARM, "and ice?", WARM)
    standalone = contextualise(Question("thanks, how long?", history), mini_corpus.by_id, subjects(mini_corpus))
    assert (standalone.alone, standalone.whole, standalone.shown) == ("how long?", f"{HEAT} and ice? how long?", "heat#does-heat-help")


@pytest.mark.parametrize("text", ["yes please", "i meant ice"])
def test_message_that_means_nothing_by_itself_is_not_read_alone(mini_corpus: Corpus, text: str) -> None:
    assert not contextualise(Question(text, after(HEAT, WARM)), mini_corpus.by_id, subjects(mini_corpus)).whole


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("i asked about the tilt, not ice", "i asked about the tilt,"),
        ("not heat!! how do i sleep", "!! how do i sleep"),
        ("why not heat", "why not heat"),
        ("is it heat or not", "is it heat or not"),
        ("not heat", "not heat"),
    ],
)
def test_thing_that_a_follow_up_is_not_about_is_left_out_of_what_is_searched_for(mini_corpus: Corpus, text: str, alone: str) -> None:
    assert contextualise(Question(text, after(HEAT, WARM)), mini_corpus.by_id, subjects(mini_corpus)).alone.strip() == alone


@given(TEXTS, TURNS)
def test_audience_and_region_stay(mini_corpus: Corpus, text: str, history: tuple[Turn, ...]) -> None:
    question = contextualise(Question(text, history, "therapist", "GB"), mini_corpus.by_id, subjects(mini_corpus)).question
    assert (question.audience, question.region, question.history) == ("therapist", "GB", history)


# --- whole conversations ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("follow_up", "lead"),
    [("and how many should I do?", "Start with 5 slow tilts, with a 2-second pause."), ("how often?", "Do them 3 times a day.")],
)
def test_dose_of_the_exercise_just_explained_is_found(mini_assistant: Assistant, follow_up: str, lead: str) -> None:
    reply = converse(mini_assistant, ["how do I do the pelvic tilt", follow_up], "patient", "GB")
    assert as_dict(reply)["sources"][0]["document"] == "pelvic-tilt"
    assert as_dict(reply)["answer"][0]["text"] == lead


def test_follow_up_after_another_exercise_finds_that_one(mini_assistant: Assistant) -> None:
    reply = converse(mini_assistant, ["how do I do the pelvic tilt", "how do I do the knee-to-chest stretch", "how many times?"], "patient", "GB")
    assert as_dict(reply)["sources"][0]["document"] == "knee-to-chest"


def test_level_of_an_earlier_turn_stays_until_the_person_was_checked(mini_assistant: Assistant) -> None:
    numb = "I am numb between my legs and my back hurts"
    assert converse(mini_assistant, [numb, HEAT], "patient", "GB").card
    assert converse(mini_assistant, [numb, "the hospital checked me and it is fine", HEAT], "patient", "GB").card is None


def test_message_that_cannot_be_taken_is_passed_over(mini_assistant: Assistant) -> None:
    reply = converse(mini_assistant, ["how do I do the pelvic tilt", "…", "how many?"], "patient", "GB")
    assert as_dict(reply)["sources"][0]["document"] == "pelvic-tilt"
