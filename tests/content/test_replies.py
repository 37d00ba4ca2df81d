"""Whole replies from the whole corpus, where a promise rests on what it holds."""

from __future__ import annotations

import re

import pytest

from assistant.pipeline import Assistant, converse
from assistant.records import Audience, Level, Match, Question, Triage
from assistant.triage.cards import card_for


def cited(assistant: Assistant, text: str, audience: Audience = "patient") -> list[str]:
    answer = assistant.reply(Question(text, audience=audience)).answer
    assert answer, text
    return [citation.section.id for citation in answer.citations]


@pytest.mark.parametrize(
    ("text", "anchors"),
    [
        ("clinically important change on ODI and RMDQ", ("odi-change", "rmdq")),
        ("MCID of PSFS and NPRS, and does it differ once the pain is chronic", ("psfs", "nprs")),
    ],
)
def test_each_measure_that_is_named_gets_its_figure(assistant: Assistant, text: str, anchors: tuple[str, ...]) -> None:
    assert {f"therapist-outcome-measures#{anchor}" for anchor in anchors} <= set(cited(assistant, text, "therapist"))


@pytest.mark.parametrize(
    ("text", "audience", "sections"),
    [
        ("am I ok to vacuum, iron or change the sheets with a sore back", "patient", ("vacuuming", "ironing", "bed-and-laundry")),
        (
            "having a microdiscectomy next month. when may I drive afterwards and when could I lift my wee girl",
            "patient",
            ("driving-after", "lifting-after"),
        ),
        (
            "my back has been sore since yesterday. stay in bed or keep moving, should it be ice or warmth, and which painkiller first",
            "patient",
            ("heat", "medicines|first-pain"),
        ),
        ("sens and spec of SLR? and how long to hold ischaemic compression", "therapist", ("therapist-special-tests#slr", "compression-dose")),
    ],
)
def test_every_question_of_a_message_is_answered(assistant: Assistant, text: str, audience: Audience, sections: tuple[str, ...]) -> None:
    found = cited(assistant, text, audience)
    assert [section for section in sections if not any(re.search(section, each) for each in found)] == []


def test_amount_of_the_same_thing_comes_from_its_own_section(assistant: Assistant) -> None:
    answer = assistant.reply(Question("is a massage gun safe on a low back? and how long for each time")).answer
    assert answer
    assert any("30 to 60 seconds" in sentence.text for sentence in answer.sentences)
    assert {citation.section.document_id for citation in answer.citations} == {"gadgets"}


def test_what_was_told_of_the_person_goes_with_each_question(assistant: Assistant) -> None:
    found = cited(assistant, "im 25 weeks and my back aches. hows best to sleep, and do those support belts work")
    assert all("pregnan" in each or "pelvic-belt" in each for each in found), found


def test_a_word_of_the_story_does_not_make_a_question_somebody_elses(assistant: Assistant) -> None:
    assert (
        "driving-and-travel"
        in cited(assistant, "27 years on the lorries, a mortgage, two kids and a bad back. how do I cut down the shaking from the cab")[0]
    )
    assert assistant.reply(Question("my back hurts. will the mortgage insurance pay out")).outcome == "declined"


@pytest.mark.parametrize("text", ["palpate quadratus lumborum", "multifidus erector spinae"])
def test_latin_names_are_not_taken_for_another_language(assistant: Assistant, text: str) -> None:
    assert assistant.reply(Question(text, audience="therapist")).language == "en"


def test_beside_an_urgent_card_stands_what_the_section_warns_of(assistant: Assistant) -> None:
    reply = assistant.reply(Question("fever and back ache with covid, normal?"))
    assert reply.level is Level.URGENT
    assert reply.answer
    assert {sentence.role for sentence in reply.answer.sentences} == {"caution"}


def test_of_equal_flags_the_one_with_most_signs_gives_the_card(assistant: Assistant) -> None:
    matches = tuple(Match(flag, sign, Level.URGENT, "word", "rule") for flag, sign in (("cancer", "a"), ("infection", "b"), ("infection", "c")))
    card = card_for(Triage(Level.URGENT, matches), assistant.corpus, "GB")
    assert card
    assert card.id == "infection"


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("swimming after back surgery", "activities-with-a-condition#swimming-after-surgery"),
        ("how long does a slipped disc take to heal", "sciatica#how-soon-disc"),
    ],
)
def test_case_and_amount_that_are_asked_for_lead(assistant: Assistant, text: str, section: str) -> None:
    assert cited(assistant, text)[0] == section


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("walking vs swimming, which is better", "exercise-in-general#best-type-of-exercise"),
        ("how long till I can squat a heavy bar again", "sport-and-gym#squat"),
        ("how long until planks help my lower back", "exercise-in-general#how-long-until-it-works"),
    ],
)
def test_no_exercise_is_described_to_somebody_who_asks_which_or_when(assistant: Assistant, text: str, section: str) -> None:
    assert cited(assistant, text)[0] == section


@pytest.mark.parametrize("how", ["i lifted the tumble dryer yesterday", "I carried my niece on my shoulders"])
def test_somebody_who_hurt_the_back_reads_what_to_do_now_and_not_how_to_do_it_next_time(assistant: Assistant, how: str) -> None:
    assert cited(assistant, f"my back hurts since {how}, what should i do")[0] == "self-care#what-to-do-first"


def test_question_without_a_verb_is_answered_yes_or_no_first(assistant: Assistant) -> None:
    answer = assistant.reply(Question("sleeping on your front bad?")).answer
    assert answer
    assert answer.sentences[0].text.startswith("No, ")


@pytest.mark.parametrize(
    "text",
    [
        "the osteopath says one leg is shorter than the other, is that why my back hurts",
        "my doctor doesnt know what causes it, how can he treat my back",
    ],
)
def test_what_a_professional_said_is_no_sign_of_illness(assistant: Assistant, text: str) -> None:
    assert assistant.reply(Question(text)).level is Level.NONE


@pytest.mark.parametrize("what", ["what day it is", "where he is", "what she is saying"])
def test_somebody_who_is_confused_with_back_pain_is_an_emergency(assistant: Assistant, what: str) -> None:
    assert assistant.reply(Question(f"back pain and burning when peeing, and now doesn't know {what}")).level is Level.EMERGENCY


def test_follow_up_about_another_muscle_is_answered_for_that_one(assistant: Assistant) -> None:
    reply = converse(assistant, ["I'm a therapist. Gluteus minimus trigger point referral?", "and piriformis?"], "patient", "GB")
    assert reply.answer
    assert reply.answer.citations[0].section.id == "therapist-trigger-points#piriformis-referral"


def test_an_age_before_a_side_is_no_week_of_pregnancy(assistant: Assistant) -> None:
    card = assistant.reply(Question("sprinter, 23, one sided low back pain for 6 weeks when I arch")).card
    assert card is None or card.id != "pregnancy"


@pytest.mark.parametrize(
    "text",
    [
        "did my back in moving house",
        "hurt my lower back deadlifting, what do i do",
        "I was hoovering the stairs and felt something go in my lower back. What now?",
        "pulled a muscle in my back getting out of the bath, any advice please",
        "bent down for the cat and my back went, help",
    ],
)
def test_whatever_hurt_the_back_the_answer_is_what_to_do_first(assistant: Assistant, text: str) -> None:
    reply = assistant.reply(Question(text))
    assert reply.level < Level.URGENT and reply.answer
    assert reply.answer.citations[0].section.id == "self-care#what-to-do-first"


def test_what_else_is_asked_about_the_activity_is_answered(assistant: Assistant) -> None:
    reply = assistant.reply(Question("hurt my back deadlifting last month, is it ok to deadlift again?"))
    assert reply.answer and "deadlift" in reply.answer.citations[0].section.id


def test_question_what_to_do_does_not_part_a_sign_from_the_sentence_before(assistant: Assistant) -> None:
    asked, plain = (f"Hard to stand. {part}Wee just comes out and the back is agony." for part in ("What do I do? ", ""))
    assert assistant.reply(Question(asked)).level is assistant.reply(Question(plain)).level is Level.EMERGENCY


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("No fever, no weight loss, bladder fine. Back pain for 5 weeks now. What can I do?", "self-care"),
        ("not on blood thinners, no bruise, bumped my lower back on the worktop. ice?", "heat-and-cold"),
    ],
)
def test_signs_that_are_denied_do_not_draw_the_answer(assistant: Assistant, text: str, topic: str) -> None:
    assert cited(assistant, text)[0].split("#")[0] == topic


def test_question_at_the_end_of_a_story_is_looked_up_by_itself(assistant: Assistant) -> None:
    text = "I work nights at a bakery with two ovens, and it went in March and again in May. What can I do so it doesn't come back?"
    assert "outlook#stop-it-coming-back" in cited(assistant, text)


@pytest.mark.parametrize(
    ("turns", "section"),
    [
        (["heat pack for back pain?", "i have a pacemaker does that matter for a tens machine"], "tens-belts-and-devices#tens-who-not"),
        (["is yoga ok with a slipped disc", "and if i have weak bones"], "yoga-pilates-gym-classes#yoga-and-health-problems"),
        (["is walking any good for a stiff lower back", "how long each time"], "walking-programme#dose"),
        (["is it safe to take naproxen", "im on dabigatran btw"], "anti-inflammatories#blood-thinners"),
        (["can i take paracetamol", "im pregnant", "and codeine?"], "medicines#pregnancy"),
    ],
)
def test_last_turn_of_a_conversation_leads_and_not_the_one_before(assistant: Assistant, turns: list[str], section: str) -> None:
    answer = converse(assistant, turns, "patient", "GB").answer
    assert answer and answer.citations[0].section.id == section


@pytest.mark.parametrize("text", ["should i cycle or walk", "are planks enough for a bad back", "is walking by itself enough"])
def test_no_section_of_one_exercise_answers_whether_it_is_enough_or_the_better_one(assistant: Assistant, text: str) -> None:
    answer = assistant.reply(Question(text)).answer
    assert answer and answer.citations[0].section.kind != "exercise"


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("naproxen with rivaroxaban", "anti-inflammatories#blood-thinners"),
        ("can i have codeine, im 5 months pregnant", "medicines#pregnancy"),
        ("chiropractor with osteoporosis ok?", "manipulation#weak-bones"),
        ("cupping and i take apixaban", "complementary-therapies#cupping-needles-blood-thinners"),
    ],
)
def test_pair_of_a_medicine_or_treatment_and_a_state_leads(assistant: Assistant, text: str, section: str) -> None:
    assert cited(assistant, text)[0] == section


def test_comparison_of_two_measures_leads_with_the_section_about_both(assistant: Assistant) -> None:
    assert cited(assistant, "ODI vs RMDQ which", "therapist")[0] == "therapist-outcome-measures#odi-or-rmdq"


@pytest.mark.parametrize("text", ["The doctor only say exercise. Is he wrong?", "can i go in tomorrow, im a nurse on a ward"])
def test_plain_question_is_taken_for_no_attack_and_no_goodbye(assistant: Assistant, text: str) -> None:
    assert assistant.reply(Question(text)).outcome == "answered"
