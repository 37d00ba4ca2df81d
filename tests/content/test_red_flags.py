"""Every example of every red flag, through triage as it serves. A failure lists the messages that are read wrongly."""

from __future__ import annotations

import itertools
import random
import re

import numpy as np
import pytest

from assistant import settings
from assistant.corpus import WARNING_SIGNS, Corpus, RedFlagRow
from assistant.pipeline import Assistant
from assistant.records import Level, Question
from assistant.text.normalise import clean, without_links
from assistant.triage import TriageEngine
from assistant.triage.cards import card_for

FLAGS = sorted(path.stem for path in (settings.load().corpus / "red_flags").glob("*.yaml"))


@pytest.fixture(scope="module")
def engine(assistant: Assistant) -> TriageEngine:
    return assistant.triage  # with the examples, ordinary questions and vocabulary that the assistant gives it


def flag_of(corpus: Corpus, flag_id: str) -> RedFlagRow:
    return next(flag for flag in corpus.red_flags if flag.id == flag_id)


def listed(rows: list[str]) -> str:
    return "\n".join(rows)


def too_low(engine: TriageEngine, examples: dict[str, list[str]]) -> list[str]:
    """Examples that do not reach their level, with the level that they reach."""
    found = []
    for level, texts in examples.items():
        for text in texts:
            reached = max((match.level for match in engine.read_text(text)), default=Level.NONE)
            if reached < Level.of(level):
                found.append(f"{level}, read as {reached.word}: {text}")
    return found


@pytest.mark.parametrize("flag_id", FLAGS)
def test_every_example_reaches_at_least_its_level(engine: TriageEngine, corpus: Corpus, flag_id: str) -> None:
    low = too_low(engine, dict(flag_of(corpus, flag_id).must_match))
    assert not low, listed(low)


@pytest.mark.parametrize("flag_id", FLAGS)
def test_every_example_in_another_language_reaches_at_least_its_level(engine: TriageEngine, corpus: Corpus, flag_id: str) -> None:
    low = [row for by_level in flag_of(corpus, flag_id).must_match_other.values() for row in too_low(engine, dict(by_level))]
    assert not low, listed(low)


@pytest.mark.parametrize("flag_id", FLAGS)
def test_no_counterexample_raises_its_flag_by_rule(engine: TriageEngine, corpus: Corpus, flag_id: str) -> None:
    raised = [
        f"{match.sign} ({match.words}): {text}"
        for text in flag_of(corpus, flag_id).must_not_match
        for match in engine.by_rule(text)
        if match.flag_id == flag_id
    ]
    assert not raised, listed(raised)


@pytest.mark.parametrize(
    "text",
    [
        "foot drop: L5 root versus peroneal nerve, how to distinguish clinically",
        "my GP only ever says lose weight, what about my back",
        "my osteopath says one leg is shorter, and within days the back hurts again",
        "with osteoporosis, am I ok to do bending and weights with a bad back",
        "pram or sling, which is kinder to my back? my baby is 5 months and it has ached for 5 weeks",
        "lorry seat shakes my back all day, which cushion",
        "my back can't take this job any longer, or this commute any more",
    ],
)
def test_question_that_shares_the_words_of_a_sign_raises_none_by_rule(engine: TriageEngine, text: str) -> None:
    """Not among the counterexamples, from which the vote learns: the excuses alone must tell."""
    assert engine.by_rule(text) == ()


def test_of_the_further_examples_nearly_every_one_is_found(engine: TriageEngine, corpus: Corpus) -> None:
    """Rules and vote together; how many are found when they are left out tells `python -m assistant.evaluation.vote`."""
    examples = [(level, text) for row in corpus.more_examples for level, texts in row.must_match.items() for text in texts]
    low = [row for level, text in examples for row in too_low(engine, {level: [text]})]
    assert len(low) <= 0.01 * len(examples), listed(low)


def test_at_most_three_in_a_hundred_counterexamples_raise_their_flag(engine: TriageEngine, corpus: Corpus) -> None:
    """The vote hears sentence by sentence, so a counterexample of two sentences can come near to an example with its first one."""
    texts = [(row.id, text) for rows in (corpus.red_flags, corpus.more_examples) for row in rows for text in row.must_not_match]
    raised = [f"{flag_id}: {text}" for flag_id, text in texts if any(m.flag_id == flag_id for m in engine.read_text(text))]
    assert len(raised) <= 0.03 * len(texts), listed(raised)


def test_ordinary_lay_questions_raise_no_card(engine: TriageEngine, assistant: Assistant) -> None:
    """Of documents that are not about warning signs; some of them ask about trouble after an operation or a tablet."""
    sections = [s for s in assistant.corpus.sections if WARNING_SIGNS not in assistant.corpus.by_id[s.document_id].topics]
    texts = [text for section in sections for text in section.questions][::20]
    raised = [text for text in texts if any(m.level >= Level.URGENT for m in engine.read_text(text))]
    assert len(raised) <= 0.02 * len(texts), listed(raised)


@pytest.mark.parametrize("flag_id", FLAGS)
def test_every_flag_has_enough_examples_of_both_kinds(corpus: Corpus, flag_id: str) -> None:
    mine = [example for example in corpus.examples if example.flag_id == flag_id and example.language == "en"]
    assert sum(example.level > Level.NONE for example in mine) >= 20
    assert sum(example.level is Level.NONE for example in mine) >= 20


def test_card_says_why_in_the_persons_own_words(engine: TriageEngine, corpus: Corpus) -> None:
    """Also where two sentences together raised it, and where a word was misspelt; signs that could be markup are left out of quotes."""
    texts = [example.text for example in corpus.examples if example.level > Level.NONE][::7]
    texts = [f"{one} Which pillow is best? {other}" for one, other in itertools.pairwise(texts)]
    for text in texts:
        card = card_for(engine.read(Question(text)), corpus, "GB")
        assert card, text
        assert card.because, text
        assert all(words in without_links(clean(text)) for words in card.because), (text, card.because)


def test_no_example_is_said_to_raise_a_flag_and_not_to_raise_it(corpus: Corpus) -> None:
    for flag in corpus.red_flags:
        raising = {text.casefold() for texts in flag.must_match.values() for text in texts}
        assert not raising & {text.casefold() for text in flag.must_not_match}, flag.id


def test_no_pattern_loses_its_end_to_a_yaml_comment(corpus: Corpus) -> None:
    """`- year #<=11` without quotes is the pattern `year`: any year made a child of whoever told it."""
    cut = re.compile(r"^\s*- [^\"'\n]*\s#(?:\s*$|[<>=\d])", re.MULTILINE)
    paths = [corpus.folder / "lexicon.yaml", corpus.folder / "scope.yaml", *sorted((corpus.folder / "red_flags").glob("*.yaml"))]
    assert {path.name: cut.findall(path.read_text("utf-8")) for path in paths if cut.search(path.read_text("utf-8"))} == {}


def test_ordinary_messages_raise_no_high_card(engine: TriageEngine, corpus: Corpus) -> None:
    """Rules and vote together, and the vote learned from them: one in 25 at most."""
    raised = [text for text in corpus.ordinary if any(match.level >= Level.URGENT for match in engine.read_text(text))]
    assert len(raised) <= 0.04 * len(corpus.ordinary), listed(raised)


def test_every_sign_is_named_once_in_its_flag(corpus: Corpus) -> None:
    for flag in corpus.red_flags:
        names = [sign.id for sign in flag.signs]
        assert len(names) == len(set(names)), flag.id


# --- what else is said round a sign ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rules(corpus: Corpus) -> TriageEngine:
    """The rules alone, which must hold whatever happens to the index."""
    return TriageEngine(corpus)


def level(engine: TriageEngine, text: str) -> Level:
    return max((match.level for match in engine.read_text(text)), default=Level.NONE)


@pytest.fixture(scope="module")
def signs(corpus: Corpus, rules: TriageEngine) -> dict[str, Level]:
    """Every English example that the rules read as a warning sign, with its level."""
    texts = [example.text.rstrip(".!?") for example in corpus.examples if example.level > Level.NONE and example.language == "en"]
    return {text: reached for text in texts if (reached := level(rules, text)) > Level.NONE}


def test_plainest_words_are_read_as_an_emergency_by_the_rules_alone(rules: TriageEngine) -> None:
    plain = ["I am numb between my legs", "I can't pee since this morning and my back hurts", "I lost control of my bowels and my back hurts"]
    assert [text for text in plain if level(rules, text) < Level.EMERGENCY] == []


@pytest.mark.parametrize(
    ("text", "emergency"),
    [
        ("numb toe with sciatica will it come back", False),
        ("my foot is numb since monday and the feeling has not come back", False),
        ("back went on monday and since then i cant come", True),
        ("since the weekend i no longer come and my back hurts", True),
        ("since yesterday my genitals feel numb during sex", True),
    ],
)
def test_feeling_that_may_come_back_is_no_word_about_sex(rules: TriageEngine, text: str, emergency: bool) -> None:
    assert (level(rules, text) is Level.EMERGENCY) is emergency


@pytest.mark.parametrize(
    "text",
    [
        "the doctor says numb saddle is fine",
        "my husband says being numb between my legs is normal",
        "numb between my legs is fine says the nurse",
        "not being able to pee is normal says my mate",
        "he reckons weakness in both legs is ok at my age",
    ],
)
def test_emergency_that_somebody_calls_normal_stays_one(rules: TriageEngine, text: str) -> None:
    assert level(rules, text) is Level.EMERGENCY


@pytest.mark.parametrize("text", ["bladder is fine, bowels fine", "feeling between my legs is normal", "no saddle numbness, bladder is fine"])
def test_function_that_is_fine_raises_nothing(rules: TriageEngine, text: str) -> None:
    assert level(rules, text) is Level.NONE


ORDINARY_WORDS = (
    "It's probably nothing",
    "My wife says I am overreacting",
    "Sorry to bother you, no need to worry",
    "What stretch is good for it?",
    "How long does back pain last?",
    "I have a dog",
)


def lowered_by(rules: TriageEngine, signs: dict[str, Level], words: str, turn: int) -> list[str]:
    """The signs that these words lower: before every second sign, and behind the others."""
    said = {text: f"{words}. {text}" if n % 2 else f"{text}. {words}." for n, text in enumerate(signs, turn)}
    return [said[text] for text, reached in signs.items() if level(rules, said[text]) < reached]


def test_ordinary_words_before_or_after_a_sign_never_lower_its_level(rules: TriageEngine, signs: dict[str, Level]) -> None:
    """Every sign twice, with words before it and with other words behind it."""
    half = len(ORDINARY_WORDS) // 2
    shares = [dict(itertools.islice(signs.items(), n % half, None, half)) for n in range(len(ORDINARY_WORDS))]
    lowered = [text for n, words in enumerate(ORDINARY_WORDS) for text in lowered_by(rules, shares[n], words, n // half)]
    assert not lowered, listed(lowered)


@pytest.mark.long
@pytest.mark.parametrize("turn", [0, 1])
@pytest.mark.parametrize("words", ORDINARY_WORDS)
def test_no_ordinary_words_lower_any_sign(rules: TriageEngine, signs: dict[str, Level], words: str, turn: int) -> None:
    lowered = lowered_by(rules, signs, words, turn)
    assert not lowered, listed(lowered)


def test_two_signs_together_are_never_lower_than_either(rules: TriageEngine, signs: dict[str, Level]) -> None:
    chance = random.Random(7)
    pairs = [(one, chance.choice(sorted(signs))) for one in signs]
    lowered = [f"{one} / {other}" for one, other in pairs if level(rules, f"{one}. {other}") < max(signs[one], signs[other])]
    assert not lowered, listed(lowered)


@pytest.mark.parametrize(
    ("level", "text"),
    [
        ("emergency", "pain down both thighs, worse on the right side, started yesterday"),
        ("emergency", "both my legs went numb after the gym class and still are, cant feel my feet"),
        ("emergency", "took 20 paracetamol in the last two hours because of my back"),
        ("emergency", "took 18 paracetamol, back has been bad for 3 weeks"),
        ("emergency", "ive taken too many codeine tonight, can i have a drink of water"),
        ("emergency", "I want to know, after my epidural my legs are numb and weak"),
        ("emergency", "i'll jump off a cliff rather than live like this"),
        ("emergency", "my leg went dead and white while sitting on the sofa, its cold"),
        ("urgent", "my son 7 has scarlet fever and his back hurts"),
        ("urgent", "temperature over 39 and back pain since last week"),
        ("urgent", "im losing weight, does it matter, back hurts"),
        ("urgent", "losing weight and nothing helps my back, night and day"),
        ("urgent", "numb patch was gone after a rest but now its spreading up to the knee"),
        ("emergency", "bum goes numb soon as i stand up, since yesterday, and cant feel when i wipe"),
        ("emergency", "stood up and gone numb between my legs"),
        ("emergency", "i was told to watch out for numbness down below and since this morning i am numb there"),
        ("emergency", "they warned me about cauda equina and now i cant wee"),
        ("soon", "backache and ive shrunk two inches"),
        ("urgent", "lung cancer since 2015, new back pain at night getting worse"),
        ("urgent", "i have AS and my eye is red and painful"),
        ("emergency", "tablets counted, letter written, tonight its over"),
        ("emergency", "commuting makes my back worse, im thinking of jumping under the train tomorrow"),
        ("emergency", "standing on the train platform on my way home from work and i want to jump in front of it"),
        ("emergency", "i know how im going to do it, this back"),
        ("emergency", "i take co-codamol, fair enough, but tonight im going to end it all"),
        ("emergency", "since my second baby in 2019 i leak a bit but since yesterday i wet myself and dont feel it, back agony"),
        ("emergency", "im a carer for my wife, and since this morning i cannot pee at all and my back is agony"),
        ("emergency", "both sides low down of my back hurt and both legs are numb since last night"),
        ("emergency", "spina bifida, and since monday my legs are weaker and i cant feel when i wee"),
        ("emergency", "bad cold and wheezy since i took ibuprofen an hour ago and lips swelling, should i take another"),
        ("urgent", "my husband wont go to the doctor but his back pain is constant day and night for weeks"),
        ("urgent", "gp told me to lose weight last year but now ive lost 2 stone without trying and my back hurts"),
        ("urgent", "im 75, no fall, but sudden terrible pain in the middle of my back since yesterday"),
        ("urgent", "disc bulge on the mri, but now ive shrunk two inches and am stooped suddenly at 79 with bad back pain"),
        ("urgent", "daughter is 3 yrs, back pain and she limps"),
        ("urgent", "when i lift my 3 year old she screams that her back hurts"),
        ("emergency", "ive got a case for discussion: pt on my couch, new urinary retention and saddle numbness today"),
        ("emergency", "i was lying on the sofa when a lorry came through the wall and i landed flat on my back"),
        ("emergency", "slipped on the stairs at the cinema, went flat on my back, cant move"),
        ("urgent", "clothes falling off me, didnt try to lose weight, and my back hurts at night"),
        ("urgent", "losing weight and nothing will fix my back, i havent dieted"),
        ("urgent", "mum has osteoporosis, since this week she is hunched and her back is agony, she sat at her desk"),
        ("emergency", "nearly had a heart attack last year, and now crushing pain in my chest down my arm"),
        ("emergency", "the quote for the car shocked me but now im breathless with a swollen calf and back pain"),
        ("emergency", "his face dropped on one side this morning and his speech is slurred"),
        ("emergency", "black stools since i took ibuprofen for my back, i sit on a stool at work"),
        ("emergency", "we were laughing and i wet myself and didnt feel it, numb down below since yesterday"),
        ("urgent", "28 weeks pregnant, back pain getting worse and worse since i was building the cot yesterday"),
        ("emergency", "caught between two cars yesterday and my back is agony"),
        ("emergency", "shes had fits since taking her tramadol tablets and is very drowsy, wont wake"),
        ("urgent", "chasing my toddler he fell, he is 2 and now he says his back hurts"),
        ("emergency", "doesnt feel flow when passing urine since tuesday, perineum dull to light touch"),
        ("emergency", "gone and taken too many of my pregabalin, feel drunk and keep nodding off"),
        ("emergency", "i cant go dancing anymore, both my legs are weak and give way"),
        ("urgent", "she is hunched on the sofa in agony, osteoporosis, cant straighten since this morning"),
        ("urgent", "scoliosis, since monday suddenly bent over, osteoporosis, bad back pain"),
        ("urgent", "mum is 82 and has become a hunchback in days, back pain"),
        ("emergency", "hit by a car yesterday and today i feel like ive been run over, back pain"),
        ("emergency", "took 16 paracetamol, pain is 50 percent better"),
        ("emergency", "black stools since ibuprofen for my back, i sit on a bar stool at work"),
        ("urgent", "36 weeks pregnant, sudden severe back pain since building the cot"),
        ("urgent", "pregnant and the back pain keeps building"),
        ("urgent", "bought a heat pad for 20 from amazon, fever and shivering since last night, back ache"),
        ("urgent", "it looks like my baby, 8 months, has pain in his back, he cries and arches"),
        ("emergency", "the bill came and i had a heart attack, crushing pain in my chest"),
        ("urgent", "doctor says its hormones but im shivering with a fever and my back is agony"),
    ],
)
def test_genuine_sign_beside_the_words_of_an_excuse_keeps_its_level_by_rule(rules: TriageEngine, level: str, text: str) -> None:
    assert max((match.level for match in rules.by_rule(text)), default=Level.NONE) >= Level.of(level)


@pytest.mark.parametrize(
    ("text", "checked"),
    [
        ("went to a&e like you said, they did an MRI at midnight and said no cauda equina, just a small disc", True),
        ("had the scan last night and the doctor said no sign of cord compression", True),
        ("if i had an mri and they said no cauda equina would that be the end of it", False),
        ("i had an x-ray and they said no fracture", False),  # shows nothing of bladder or nerves
        ("they never did an mri, said no cauda equina from the look of me", False),
        ("had an mri in 2019, said just a disc", False),
    ],
)
def test_scan_that_found_nothing_dangerous_lifts_an_earlier_card_and_nothing_less_does(engine: TriageEngine, text: str, checked: bool) -> None:
    assert engine.says_checked(text) is checked


@pytest.mark.parametrize(
    "text",
    [
        "My husband won't go to anybody, typical man. What could he do at home for his back?",
        "leaned over the sink to brush my teeth and bang, my low back went. is sitting ok",
        "48M acute LBP 3 days, pain centralises with side glides. How often?",
        "22M student, LBP from sitting, pain 2/10. Advice?",
        "gp can't see him till thursday, what can he do for his stiff back till then",
    ],
)
def test_story_beside_the_point_raises_no_high_card(engine: TriageEngine, text: str) -> None:
    assert not [match for match in engine.read_text(text) if match.level >= Level.URGENT]


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("61M retired, LBP and buttock ache on standing, stable 2 yrs, power 5/5", "child"),
        ("brother he is 38, back pain one year sometimes", "child"),
        ("do i have to lose weight for my back? bmi is 33", "cancer"),
        ("he has overdosed on youtube videos about back pain", "medicine-reaction"),
        ("commute is an hour twenty each way standing up on the train, my back aches", "suicidal-distress"),
        ("70M golfer, LBP 3/7 after 36 holes, no fall", "fracture"),
        ("sore both sides low down after digging", "cauda-equina"),
    ],
)
def test_duration_or_idiom_is_no_sign(engine: TriageEngine, text: str, flag: str) -> None:
    assert not [match for match in engine.by_rule(text) if match.flag_id == flag]


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("my girl is 2 years old and her back hurts", "child"),
        ("3 yo with back pain since tuesday", "child"),
        ("i leak wee since yesterday and my back hurts", "cauda-equina"),
        ("58M renal transplant on tacrolimus, new fever and back pain", "infection"),
        ("i know how to end it and i will, this back", "suicidal-distress"),
    ],
)
def test_sign_beside_a_new_excuse_is_still_heard(engine: TriageEngine, text: str, flag: str) -> None:
    assert [match for match in engine.by_rule(text) if match.flag_id == flag and match.level >= Level.URGENT]


@pytest.mark.parametrize("text", ["i cant do 5 min on the flat", "cant take weight on that leg", "couldnt do the plank on my elbows"])
def test_what_somebody_cannot_do_is_no_despair(engine: TriageEngine, text: str) -> None:
    assert not [match for match in engine.by_rule(text) if match.flag_id == "suicidal-distress"]


@pytest.mark.parametrize(
    "text",
    [
        "i cant go on like this",
        "cant live on like this",
        "i cant face carrying on",
        "cant take this going on",
        "i cant do this anymore",
        "cant take another day anymore",
    ],
)
def test_despair_is_still_heard(engine: TriageEngine, text: str) -> None:
    assert [match for match in engine.by_rule(text) if match.flag_id == "suicidal-distress"]


def test_flag_whose_theme_is_said_names_the_card_before_one_that_is_nearer(engine: TriageEngine, corpus: Corpus) -> None:
    vote = engine._votes
    assert vote
    flags = vote._speakers[Level.URGENT]
    for flag, speakers in flags.items():
        near = np.ones(len(corpus.examples), np.float32)
        near[speakers] = 0.1
        own = vote._themes[flag].difference(*(vote._themes[other] for other in flags if other != flag))
        assert vote._flag(near, Level.URGENT, frozenset()) != flag
        assert not own or vote._flag(near, Level.URGENT, own) == flag


def test_bruise_under_a_high_inr_gets_the_card_for_bleeding(engine: TriageEngine) -> None:
    matches = engine.read_text("INR came back 7, and since the massage a purple bruise on my low back that gets sorer")
    assert matches[0].flag_id == "bleeding-and-procedures"
