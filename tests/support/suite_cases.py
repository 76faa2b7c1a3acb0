"""Rows of the table of objects that are about suites: a sentence and a manifest."""

from tests.support.objects import ABSENT, HOSTILE, Manifest, cell_gate, evaluation, expectations, gate, plan, suite

Row = tuple[str, Manifest]


def _with(*suites: Manifest, **fields: object) -> Manifest:
    return plan(evaluation=evaluation(suites=list(suites), **fields))


def _ending(kind: str, ending: str) -> Manifest:
    made = suite if kind == "Pytest" else expectations
    return _with(made(uri=f"mlflow-artifacts:/1/suite{ending}"))


ADVICE = {"severity": "Advisory"}

VALID: tuple[Row, ...] = (
    *((f"tests in a file that ends in {ending}", _ending("Pytest", ending)) for ending in (".py", ".tgz", ".zip")),
    ("tests and expectations", _with(suite(), expectations())),
    ("expectations on predictions", _with(expectations(about="Predictions"))),
    ("a suite that only advises, in a later tier", _with(suite(tier=9, **ADVICE))),
    ("a suite that blocks beside gates that advise", _with(suite(), gates=[gate(**ADVICE)])),
    ("a suite alone, without gates and data", _with(suite(), gates=ABSENT, datasets=ABSENT)),
    ("a suite that may take a day", _with(suite(timeoutSeconds=86_400))),
    ("tests in a named store", _with(suite(uri="store://reviews/2026/behaviour.tar.gz"))),
    ("expectations on a volume", _with(expectations(uri="pvc://shared/inputs.json"))),
    ("sixteen suites", _with(*(suite(name=f"s{number}") for number in range(16)))),
)

INVALID: tuple[Row, ...] = (
    ("seventeen suites", _with(*(suite(name=f"s{number}") for number in range(17)))),
    ("two suites of one name", _with(suite(), suite())),
    ("a suite with a gate's name", _with(suite(name="accuracy"))),
    ("neither gates nor suites", _with(gates=[])),
    ("gates and suites that all only advise", _with(suite(**ADVICE), gates=[cell_gate(**ADVICE)])),
    ("an unknown kind of suite", _with(suite(kind="Unittest"))),
    ("a suite without a digest", _with(suite(digest=ABSENT))),
    ("a suite without a place", _with(suite(uri=ABSENT))),
    ("a suite by http", _with(suite(uri="http://169.254.169.254/tests.tar.gz"))),
    ("a suite in a folder", _with(suite(uri="mlflow-artifacts:/1/tests"))),
    ("a suite with a hostile place", _with(suite(uri=f"mlflow-artifacts:/{HOSTILE}.py"))),
    ("a suite in a bucket of its own choice", _with(suite(uri="s3://bucket/tests.py"))),
    ("a suite beside its volume", _with(suite(uri="pvc://shared/../tests.py"))),
    ("tests as JSON", _ending("Pytest", ".json")),
    ("expectations as an archive", _ending("GreatExpectations", ".zip")),
    ("tests on a data set", _with(suite(dataset="holdout"))),
    ("tests about predictions", _with(suite(about="Predictions"))),
    ("expectations without a data set", _with(expectations(dataset=ABSENT))),
    ("expectations about nothing", _with(expectations(about=ABSENT))),
    ("expectations about the weather", _with(expectations(about="Weather"))),
    ("expectations on an unknown data set", _with(expectations(dataset="other"))),
    ("expectations on no data set at all", _with(expectations(), datasets=ABSENT, gates=ABSENT)),
    ("a suite that may take no time", _with(suite(timeoutSeconds=0))),
    ("a suite that may take a minute, in words", _with(suite(timeoutSeconds="1m"))),
    ("a suite in an eleventh tier", _with(suite(tier=10))),
    ("a suite with a command", _with(suite(command=["sh", "-c", "true"]))),
)
