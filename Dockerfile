# Two images from one lock file:
#   operator     the controller
#   evaluation   what the evaluation Job runs: it loads models and scores data sets
# Dependencies come first and from uv.lock alone, so a change of code rebuilds one thin layer.
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS build
RUN pip install --no-cache-dir --root-user-action=ignore uv==0.13.9 hatchling==1.33.0
WORKDIR /src

FROM build AS requirements
COPY pyproject.toml uv.lock ./
RUN uv export --quiet --frozen --no-dev --no-emit-project --output-file operator.txt \
 && uv export --quiet --frozen --no-dev --no-emit-project --extra evaluation --extra suites --output-file evaluation.txt

FROM build AS wheel
COPY pyproject.toml README.md LICENSE ./
COPY operator operator
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

FROM ${BASE} AS deps
# The root file system is read-only in the cluster: whatever looks for a home finds /tmp.
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore \
    HOME=/tmp USER=sluice MPLCONFIGDIR=/tmp/matplotlib
COPY --from=requirements /src/operator.txt /opt/sluice/
RUN pip install --require-hashes --requirement /opt/sluice/operator.txt

FROM deps AS operator
# A few threads look up names and read models: an arena of memory for each would never shrink.
ENV MALLOC_ARENA_MAX=2
COPY --from=wheel /wheels /opt/sluice/wheels
RUN pip install --no-index --no-deps /opt/sluice/wheels/*.whl
USER 65532:65532
ENTRYPOINT ["sluice-operator"]

FROM deps AS evaluation-deps
COPY --from=requirements /src/evaluation.txt /opt/sluice/
RUN pip install --require-hashes --requirement /opt/sluice/evaluation.txt

FROM evaluation-deps AS evaluation
COPY --from=wheel /wheels /opt/sluice/wheels
RUN pip install --no-index --no-deps /opt/sluice/wheels/*.whl
USER 65532:65532
ENTRYPOINT ["sluice-evaluate-job"]
