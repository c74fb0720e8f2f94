"""The experiments of the five reports, by name.

In each, `stated` is what the report says; `ours` is what it is silent about, with the reason for the value taken.
Choices in neither are those of the model's recipe, which says itself where they come from.
"""

from tfgan_repro.experiments import report_a, report_b, report_c, report_d, report_e

EXPERIMENTS = {
    experiment.name: experiment
    for report in (report_a, report_b, report_c, report_d, report_e)
    for experiment in report.EXPERIMENTS
}
