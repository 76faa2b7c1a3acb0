"""What an evaluation without suites does not pay for: Great Expectations alone takes seconds to import."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import sluice.evaluation.evaluate, sluice.evaluation.report
print(sorted({"great_expectations", "pytest", "_pytest"} & {name.partition(".")[0] for name in sys.modules}))
"""


def test_neither_pytest_nor_great_expectations_is_imported_before_a_suite_asks() -> None:
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(ROOT / "operator")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
