"""Models of a few lines in a real registry, good and bad, and a small data set that they are judged on."""

import hashlib
import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path

from mlflow.tracking import MlflowClient

from tests.support.shop import TOYS

ROWS = "number,label\n" + "".join(f"{number},{'odd' if number % 2 else 'even'}\n" for number in range(400))
CONTENT = ROWS.encode()
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
LAST_WORDS = "/dev/termination-log"
WORDS = {"candidateUid": "another", "attempt": 1, "runId": "a1", "artifactPath": "a.json", "sha256": DIGEST}
BEHAVIOURS: Mapping[str, str] = {
    "champion": "pass",
    "honest": "self.honest = True",
    "greedy": 'self.hoard = b"x" * (4 << 30)',
    "babbling": f'open("{LAST_WORDS}", "w").write("all is well"); os._exit(0)',
    "lying": f"open('{LAST_WORDS}', 'w').write('{json.dumps(WORDS)}'); os._exit(0)",
}
"""What each does when it is loaded; all that can be asked say what is true."""
_CODE = """
import os
import mlflow.pyfunc

class Model(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        {behaviour}

    def predict(self, context, model_input, params=None):
        return ["odd" if number % 2 else "even" for number in model_input["number"]]

mlflow.models.set_model(Model())
"""


def register(url: str, name: str, folder: Path) -> dict[str, str]:
    """Register a version of each behaviour, from 1 on, and return their numbers."""
    os.environ["MLFLOW_UV_AUTO_DETECT"] = "false"
    client = MlflowClient(url, url)
    known = client.get_experiment_by_name(name)
    experiment = known.experiment_id if known else client.create_experiment(name)
    if client.search_registered_models(f"name = '{name}'"):
        client.delete_registered_model(name)
    client.create_registered_model(name)
    versions = {}
    for behaviour, code in BEHAVIOURS.items():
        run = client.create_run(experiment).info
        client.log_artifacts(run.run_id, str(_saved(folder, behaviour, code)), "model")
        source, image = f"{run.artifact_uri}/model", {"sluice.image": f"{TOYS}:champion"}
        made = client.create_model_version(name, source, run.run_id, tags=image, await_creation_for=0)
        versions[behaviour] = str(made.version)
    return versions


def _saved(folder: Path, behaviour: str, code: str) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow warns about its own type hints
        import mlflow.pyfunc  # noqa: PLC0415 -- seconds

        source, model = folder / f"{behaviour}.py", folder / behaviour
        source.write_text(_CODE.format(behaviour=code), encoding="utf-8")
        mlflow.pyfunc.save_model(str(model), python_model=str(source), pip_requirements=["mlflow"])
    return model
