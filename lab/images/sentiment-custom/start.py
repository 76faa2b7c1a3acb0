"""Fetches the model this image was made for, then becomes the Seldon wrapper that serves it."""

from __future__ import annotations

import json
import os
import sys

import mlflow.artifacts

_COMPONENT = "lab.images.mlflowserver.model_server.MLFlowServer"


def main() -> None:
    """Download `MODEL_URI` (else this image's version of `MODEL_NAME`), then become the wrapper."""
    uri = os.environ.get("MODEL_URI") or f"models:/{os.environ['MODEL_NAME']}/{os.environ['MODEL_VERSION']}"
    folder = mlflow.artifacts.download_artifacts(
        artifact_uri=uri, dst_path=os.environ.get("MODEL_FOLDER", "/tmp/model")
    )
    parameters = json.dumps([{"name": "model_uri", "value": folder, "type": "STRING"}])
    arguments = [_COMPONENT, "--service-type", "MODEL", "--parameters", parameters]
    os.execv(sys.executable, [sys.executable, "-m", "seldon_core.microservice", *arguments])


if __name__ == "__main__":
    main()
