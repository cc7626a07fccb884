"""What stands in the way of working on AWS, found before anything is started; nothing is changed.

from mediaml.backends.doctor import doctor
for finding in doctor(role="arn:aws:iam::...:role/...", bucket="my-media"):
    print(finding.level, finding.what, finding.found, finding.remedy)
"""

from __future__ import annotations

from mediaml.backends.doctor.examination import doctor
from mediaml.backends.doctor.finding import GOOD, NOTE, PROBLEM, Finding, Level

__all__ = ["GOOD", "NOTE", "PROBLEM", "Finding", "Level", "doctor"]
