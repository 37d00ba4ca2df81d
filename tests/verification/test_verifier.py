"""The checks of reworded sentences, each by name, and the bars on the labelled pairs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import ROOT

from assistant import corpus as corpus_door
from assistant.evaluation.verifier import CAUGHT, REJECTED, held_out, scores
from assistant.models.embedder import OnnxEmbedder
from assistant.prompts import PLACEHOLDERS, prompt
from assistant.verification import Verifier
from assistant.verification.reading import stem

HERE = Path(__file__).parent
HEAT = "Heat may ease low back pain for a short while, so use it for 15 to 20 minutes at a time."
ASK = "Ask your midwife or doctor before a massage if your pregnancy is high-risk."
PULL = "Do not take ibuprofen with a blood thinner unless a doctor agrees."


@pytest.fixture(scope="session")
def verifier(model_folder: Path) -> Verifier:
    return Verifier(corpus_door.load(ROOT / "corpus"), OnnxEmbedder(model_folder).embed)


@pytest.mark.parametrize(
    ("check", "sentence", "evidence"),
    [
        ("figures", "Heat may ease low back pain for a short while, so use it for 15 to 25 minutes at a time.", HEAT),
        ("units", "Heat may ease low back pain for a short while, so use it for 15 to 20 hours at a time.", HEAT),
        ("names", "Ask your midwife or pharmacist before a massage if your pregnancy is high-risk.", ASK),
        ("names", "Do not take naproxen with a blood thinner unless a doctor agrees.", PULL),
        ("opposites", "Heat may aggravate low back pain for a short while, so use it for 15 to 20 minutes at a time.", HEAT),
        ("polarity", "Take ibuprofen with a blood thinner if a doctor agrees.", PULL),
        ("strength", "Heat eases low back pain, so use it for 15 to 20 minutes at a time.", HEAT),
        ("strength", "Heat may always ease low back pain for a short while.", HEAT),
        ("conditions", "Ask your midwife or doctor.", ASK),
        ("advice", "Heat may ease low back pain for a short while. Drink a glass of milk.", HEAT),
        ("reassurance", "Heat may ease low back pain for a short while, and it is nothing serious.", HEAT),
        ("links", "Heat may ease low back pain for a short while, see www.heat.example.", HEAT),
        ("leaks", "As an AI language model, I say that heat may ease low back pain for a short while.", HEAT),
        ("support", "Heat may ease low back pain because it dissolves old toxins.", HEAT),
        ("form", "Heat may ease low back pain for a short while.\nUse it.", HEAT),
        ("form", "Does heat ease low back pain for a short while?", HEAT),
        ("polarity", "Usually not: back pain without warning signs does need a scan.", "Usually not: back pain without warning signs does not need a scan."),
        ("polarity", "Probably much: walking did not speed recovery.", "Probably not much: walking did not speed recovery."),
        ("polarity", "Along the spine, work beside, on, the bony points.", "Along the spine, work beside, not on, the bony points."),
        ("polarity", "Drive only if you can brake hard; if not, do drive.", "Drive only if you can brake hard; if not, do not drive."),
        ("opposites", "Fear leads to less movement and a less sensitive back.", "Fear leads to less movement and a more sensitive back."),
        ("opposites", "The gluteus maximus and maximus are weak.", "The gluteus maximus and medius are weak."),
        ("advice", "Sudden sharp pain after a fall needs a doctor, and stretch until you feel sharp pain.", "Sudden sharp pain after a fall needs a doctor."),
        ("support", "Psoas minor weakly flexes the lumbar spine, and your spine is out of alignment.", "Psoas minor weakly flexes the lumbar spine and does not cross the hip."),
    ],
)  # fmt: skip
def test_check_finds_what_it_is_named_for(verifier: Verifier, check: str, sentence: str, evidence: str) -> None:
    assert check in {finding.check for finding in verifier.findings(sentence, [evidence])}


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [
        ("Painless clicks in the back are mostly harmless.", "Usually not: painless clicks in the back are mostly harmless."),
        ("Remember to count mixed painkillers, too.", "Count mixed painkillers, too."),
        ("Try gentle walking each day.", "Gentle walking each day is a good start."),
    ],
)
def test_faithful_rewording_is_kept(verifier: Verifier, sentence: str, evidence: str) -> None:
    assert verifier.findings(sentence, [evidence]) == ()


def test_sentence_without_evidence_is_found(verifier: Verifier) -> None:
    assert [finding.check for finding in verifier.findings(HEAT, [])] == ["cited"]


@pytest.mark.parametrize("evidence", [HEAT, ASK, PULL])
def test_every_sentence_supports_itself(verifier: Verifier, evidence: str) -> None:
    assert verifier.findings(evidence, [evidence]) == ()


def test_corpus_sentences_support_themselves(verifier: Verifier) -> None:
    """Only links and words about instructions are refused even where the corpus has them."""
    sentences = [s.text for section in corpus_door.load(ROOT / "corpus").sections for s in section.sentences][::40]
    found = [(s, verifier.findings(s, [s])) for s in sentences]
    assert [(s, f) for s, f in found if {x.check for x in f} - {"form", "links", "leaks"}] == []


def test_part_of_a_warning_that_is_left_out_is_found(verifier: Verifier) -> None:
    warning = "Get emergency help for new numbness between the legs, bladder or bowel trouble, or leg weakness."
    assert (
        verifier.omissions(
            warning, ["Get emergency help if you have new numbness between your legs, trouble with your bladder or bowels, or leg weakness."]
        )
        == ()
    )
    assert verifier.omissions(warning, ["Get emergency help for new numbness between the legs."])
    assert verifier.omissions(warning, ["Get help for new numbness between the legs, bladder or bowel trouble, or leg weakness."])


def test_verifier_keeps_its_bars_on_both_halves_of_the_pairs(verifier: Verifier) -> None:
    rows = [json.loads(line) for line in (HERE / "pairs.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) >= 600 and sum(row["supported"] for row in rows) >= 200
    for half in ([row for row in rows if not held_out(row)], [row for row in rows if held_out(row)]):
        figures = scores(half, [bool(verifier.findings(row["sentence"], row["evidence"])) for row in half])
        assert figures["recall"] >= CAUGHT, figures
        assert figures["faithful_rejected"] <= REJECTED, figures


def test_pairs_are_those_that_the_script_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from verification import build_pairs

    for name in ("paraphrases.jsonl", "inventions.jsonl"):
        (tmp_path / name).write_bytes((HERE / name).read_bytes())
    monkeypatch.setattr(build_pairs, "HERE", tmp_path)
    build_pairs.main()
    assert (tmp_path / "pairs.jsonl").read_bytes() == (HERE / "pairs.jsonl").read_bytes()


@given(st.from_regex(r"[a-z]{1,15}", fullmatch=True))
def test_stem_is_never_empty_and_never_longer(word: str) -> None:
    assert 0 < len(stem(word)) <= len(word)


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_prompt_is_filled_and_wrong_values_are_refused(name: str) -> None:
    values = dict.fromkeys(PLACEHOLDERS[name], "VALUE")
    assert "$" not in prompt(name, **values) and "VALUE" in prompt(name, **values)
    with pytest.raises(ValueError, match=name):
        prompt(name, **values, more="x")
