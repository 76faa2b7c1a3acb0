# The evaluation image with Daft and Ray: for Jobs whose plan names a Ray cluster, and for that cluster's nodes.
# Built on the image of the Dockerfile's target `evaluation`, from the same lock file.
ARG EVALUATION=sluice-evaluation
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS requirements
RUN pip install --no-cache-dir --root-user-action=ignore uv==0.13.9
WORKDIR /src
COPY pyproject.toml uv.lock ./
RUN uv export --quiet --frozen --no-dev --no-emit-project --extra evaluation --extra suites --extra ray \
    --output-file ray.txt

FROM ${EVALUATION}
USER 0:0
COPY --from=requirements /src/ray.txt /opt/sluice/
RUN pip install --require-hashes --requirement /opt/sluice/ray.txt
USER 65532:65532
