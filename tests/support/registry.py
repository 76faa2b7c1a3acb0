"""The model registry of the tests, spoken to in MLflow's own REST: what is registered, tagged, aliased."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from lab.paths import LAB
from tests.support.shop import TOYS

SENTIMENT = "review-sentiment"
VERSIONS = ("champion", "good", "cell", "fragile")
CHAMPION = {"name": SENTIMENT, "version": "1"}
VERSION = "api/2.0/mlflow/model-versions/get"
MISSING_IMAGE = "localhost/sluice-lab/there-is-no-such-image:dev"


@dataclass(frozen=True)
class Registry:
    """MLflow at `url`, filled with the sentiment example; `data` holds its traffic and manifests."""

    url: str
    data: Path
    registered: Mapping[str, Any]

    @classmethod
    def filled(cls, url: str, data: Path) -> "Registry":
        """Train and register the sentiment example, unless it is there, and return the registry."""
        known = data / "registered.json"
        if known.exists() and requests.get(f"{url}/{VERSION}", params=CHAMPION, timeout=30).ok:
            return cls(url, data, json.loads(known.read_text(encoding="utf-8")))
        command = [sys.executable, "-m", "examples.sentiment.register", "--tracking-uri", url, "--out", str(data)]
        environment = {**os.environ, "PYTHONPATH": f"operator{os.pathsep}."}
        done = subprocess.run(command, cwd=LAB.parent, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return cls(url, data, json.loads(known.read_text(encoding="utf-8")))

    @property
    def traffic(self) -> Path:
        """What clients send."""
        return self.data / "traffic.jsonl"

    @property
    def holdout(self) -> dict[str, Any]:
        """The evaluation set as a plan names it."""
        return {"uri": self.registered["holdout_uri"], "digest": self.registered["holdout_digest"]}

    def register_toys(self, name: str, behaviours: Sequence[str]) -> None:
        """Register versions 1, 2, … of a model: the champion's artifact each, served by the image of a behaviour."""
        self._forget(name)
        self._call("POST", "registered-models/create", name=name)
        origin = self._call("GET", "model-versions/get", **CHAMPION)["model_version"]
        same = {"source": origin["source"], "run_id": origin["run_id"]}
        same["model_id"] = origin["source"].removeprefix("models:/")
        for behaviour in behaviours:
            image = MISSING_IMAGE if behaviour == "missing" else f"{TOYS}:{behaviour}"
            tags = [{"key": "sluice.image", "value": image}]
            self._call("POST", "model-versions/create", name=name, tags=tags, **same)

    def alias(self, model: str, alias: str) -> str:
        """Return the version that an alias names; empty while it names none."""
        where = f"{self.url}/api/2.0/mlflow/registered-models/alias"
        answer = requests.get(where, params={"name": model, "alias": alias}, timeout=30)
        return str(answer.json()["model_version"]["version"]) if answer.ok else ""

    def tags(self, model: str, version: str) -> dict[str, str]:
        """Return the tags of a version."""
        found = self._call("GET", "model-versions/get", name=model, version=version)["model_version"]
        return {tag["key"]: tag["value"] for tag in found.get("tags", ())}

    def names(self) -> dict[str, str]:
        """Return the names of the sentiment models' answers: MLflow's model id to the version's number."""
        artifacts = self.registered["artifacts"]
        return {
            next(part for part in artifacts[name].split("/") if part.startswith("m-")): str(number)
            for number, name in enumerate(VERSIONS, start=1)
        }

    def _forget(self, name: str) -> None:
        """Remove what an earlier run registered under this name."""
        requests.delete(f"{self.url}/api/2.0/mlflow/registered-models/delete", json={"name": name}, timeout=30)

    def _call(self, method: str, endpoint: str, **fields: object) -> dict[str, Any]:
        query = {"params": fields} if method == "GET" else {"json": fields}
        answer = requests.request(method, f"{self.url}/api/2.0/mlflow/{endpoint}", timeout=30, **query)  # type: ignore[arg-type]
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found
