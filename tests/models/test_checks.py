"""Every model passes the public checks."""

from __future__ import annotations

from pathlib import Path

import pytest

import mediaml as mm
from mediaml.models import checks
from tests.sounds import small_model, write_tones


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> checks.Case:
    folder: Path = write_tones(tmp_path_factory.mktemp("tones"))
    train, validation, test = mm.AudioDataset.from_folder(folder).split(0.5, 0.25, 0.25, seed=7)
    return checks.Case(small_model, train, validation, test)


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_local_audio_model(check: checks.Check, case: checks.Case) -> None:
    check(case)


class ForgetsItself(mm.LocalAudioModel):
    """Breaks the contract in one place."""

    def fit(self, *arguments: object, **settings: object) -> mm.LocalAudioModel:  # type: ignore[override]
        super().fit(*arguments, **settings)  # type: ignore[arg-type]
        return small_model()


def test_a_model_that_breaks_the_contract_is_found_out(case: checks.Case) -> None:
    def make() -> mm.LocalAudioModel:
        return ForgetsItself(small_model().builder, epochs=1, batch_size=8)

    with pytest.raises(AssertionError, match="return self"):
        checks.check_fit_returns_self(checks.Case(make, case.train, case.validation, case.test))


def test_all_lists_every_check() -> None:
    named = {name for name in vars(checks) if name.startswith("check_")}
    assert named == {check.__name__ for check in checks.ALL}
