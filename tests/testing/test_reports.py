"""What a check that found nothing wrong says."""

from tracer.testing.reports import GradientReport


def test_a_proof_is_told_before_the_points():
    report = GradientReport("both are equal", 30, 39.6, 0.25)
    assert report.proved
    assert str(report) == "proved: both are equal; right at 30 points to 40 digits, in 0.25 s"


def test_without_a_proof_there_are_points():
    report = GradientReport("", 120, 12.2, 1.5)
    assert not report.proved
    assert str(report) == "right at 120 points to 12 digits, in 1.5 s"
