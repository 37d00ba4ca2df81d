"""Unset, no chat library is loaded; set wrongly, the message says what to do."""

from __future__ import annotations

import pytest
from models.conftest import KEY
from models.server import Upstream

from assistant import doctor
from assistant.errors import ModelUnavailable, SettingsError
from assistant.models.chat import LangChainModel, open_chat
from assistant.settings import Settings, changed


def test_no_model_is_opened_when_none_is_set() -> None:
    assert open_chat(Settings()) is None


@pytest.mark.parametrize("llm", ["gpt-5", "openai:", ":x"])
def test_name_without_provider_or_model_is_a_settings_error(llm: str) -> None:
    with pytest.raises(SettingsError, match="provider:model"):
        LangChainModel(changed(Settings(), llm=llm))


def test_missing_package_names_the_extra() -> None:
    with pytest.raises(ModelUnavailable, match=r"backline\[mistral\]"):
        LangChainModel(changed(Settings(), llm="mistralai:small"))


def test_missing_key_is_told_without_the_providers_own_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelUnavailable, match="BACKLINE_LLM"):
        LangChainModel(changed(Settings(), llm="openai:gpt-5-mini"))


def test_format_outside_its_choices_is_a_settings_error() -> None:
    with pytest.raises(SettingsError, match="auto, json, lines"):
        changed(Settings(), llm_format="xml")


def test_doctor_calls_the_model_once(upstream: Upstream) -> None:
    settings = changed(Settings(), llm="openai:scripted", llm_url=upstream.url)
    check = doctor._chat(settings)
    assert (check.passed, len(upstream.calls)) == (True, 1)
    assert "first token after" in check.detail


@pytest.mark.parametrize("mode", ["401", "empty"])
def test_doctor_says_what_to_do_when_the_model_does_not_answer(upstream: Upstream, mode: str) -> None:
    upstream.mode = mode
    check = doctor._chat(changed(Settings(), llm="openai:scripted", llm_url=upstream.url))
    assert not check.passed and "BACKLINE_LLM" in check.remedy and KEY not in check.detail
