"""Standards in and out as Excel or CSV, in our documented column form (docs/rules-format.md)."""

from pointsbank.rules.sheets.columns import CAP_COLUMNS, COLUMNS, REQUIRED
from pointsbank.rules.sheets.reading import Fault, Parsed, read_standard
from pointsbank.rules.sheets.samples import SAMPLE_NAMES, SAMPLES, sample, sample_caps
from pointsbank.rules.sheets.template import write_template
from pointsbank.rules.sheets.writing import write_standard

__all__ = ["CAP_COLUMNS", "COLUMNS", "REQUIRED", "SAMPLES", "SAMPLE_NAMES", "Fault", "Parsed", "read_standard",
           "sample", "sample_caps", "write_standard", "write_template"]
