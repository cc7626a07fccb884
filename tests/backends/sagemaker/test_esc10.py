"""Real clips through the whole life: dataset, fit, evaluate, deploy, predict, connect, close.

`tests/conformance` does the same with AWS's own training program and model server.
"""

from __future__ import annotations

import pytest

import mediaml as mm
from mediaml.aws.ledger import Ledger
from mediaml.testing import offline_aws
from tests.shared_data import shared


@pytest.mark.slow
def test_real_clips_from_a_table_to_an_endpoint_and_back_to_nothing() -> None:
    table = shared("audio", "esc10.csv")
    clips = mm.AudioDataset.from_table(table, root=table.parents[1]).where(label=["dog_bark", "rain", "rooster"])
    train, test = clips.where(fold=1), clips.where(fold=3)
    with offline_aws() as aws:
        model = mm.SageMakerAudioModel(epochs=2, **aws.settings)
        model.fit(train, validation=clips.where(fold=4), progress=False)
        report = model.evaluate(test, progress=False)
        local = model.to_local()
        expected = local.predict(test)
        with model.deploy(kind="serverless", max_hours=1) as endpoint:
            said = endpoint.predict(test)
            assert mm.connect(endpoint.name, session=aws.session).predict(test) == said
            assert [one.resource.kind for one in Ledger(aws.ledger).standing()] == [
                "schedule",
                "model",
                "endpoint-config",
                "endpoint",
            ]
        assert aws.running() == [] and Ledger(aws.ledger).standing() == []
    assert isinstance(report, mm.AudioReport)
    assert report.accuracy > 0.5, "chance is a third"
    assert [(one.label, one.reason) for one in said] == [(one.label, one.reason) for one in expected]
    assert [one.confidence for one in said] == pytest.approx([one.confidence for one in expected], abs=1e-3)
    assert [one.prediction.label for one in report.outcomes] == [one.label for one in expected]
