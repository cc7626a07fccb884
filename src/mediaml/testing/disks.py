"""Machines with disks of their own, which take no key of the user's: they encrypt these themselves."""

from __future__ import annotations

from mediaml.testing.refusals import RefusalError

FAMILIES = {
    *("c5d", "c6gd", "m5d", "m6gd", "r5d", "r6gd", "r7gd", "dl1", "trn1", "trn1n", "trn2"),
    *("g4dn", "g5", "g6", "g6e", "g7", "g7e", "p3dn", "p4d", "p4de", "p5", "p5e", "p5en"),
    *("p6-b200", "p6-b300", "p6e-gb200"),
}
"""Those of SageMaker's whose machines have what EC2 calls instance store volumes."""


def refuse_key(instance_type: str | None, key: str | None) -> None:
    """Refuse a key for the disks of such a machine.

    For jobs AWS's documents say that it cannot be asked for. For endpoints they said that the call fails, and say now
    that the key encrypts nothing there: who sends none is right either way.
    """
    family = (instance_type or "").removeprefix("ml.").partition(".")[0]
    if key and family in FAMILIES:
        told = f"KMS key is not supported for the instance storage of {instance_type}"
        raise RefusalError("ValidationException", told)
