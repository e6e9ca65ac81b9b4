"""Whether the encoded sound is as loud as every other lecture's."""

from media_pipeline.packaging.check.findings import Finding, finding

TARGET, TOLERANCE = -16.0, 0.5  # LUFS
HIGHEST_PEAK = -1.0  # dBTP


def loudness_faults(where: str, integrated: float, true_peak: float) -> list[Finding]:
    """`integrated` in LUFS and `true_peak` in dBTP, measured on the encoded sound."""
    found = []
    if abs(integrated - TARGET) > TOLERANCE:
        what = f"is {integrated:.1f} LUFS loud instead of {TARGET:.0f} ± {TOLERANCE}"
        found.append(finding("Apple 2.18", where, what))
    if true_peak > HIGHEST_PEAK:
        found.append(finding("Apple 2.18", where, f"peaks at {true_peak:.1f} dBTP"))
    return found
