# One image for every role: `pingyi serve` (the default), `pingyi worker`, `pingyi db upgrade`.
# RUN steps use paths relative to WORKDIR and need no root, except the two that install a font and make the user.

# The Python environment, and the API description from which the front end's client is generated.
FROM python:3.13-slim-bookworm AS base
WORKDIR /app
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy PIP_DISABLE_PIP_VERSION_CHECK=1
COPY .ci/tools.lock .ci/
RUN python -m venv tools && tools/bin/pip install --quiet --require-hashes --requirement .ci/tools.lock
COPY requirements.lock requirements-dev.lock ./
# Relocatable, so that the finished environment may be copied into the last stage.
RUN tools/bin/uv venv --quiet --relocatable --python "$(command -v python)" env \
 && tools/bin/uv pip sync --quiet --python env/bin/python --require-hashes requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY sampling sampling/
COPY survey_models survey_models/
COPY migrations migrations/
COPY api api/
COPY kiosk kiosk/
RUN PYTHONPATH=. env/bin/python -c "from api.cli import app; app()" openapi > openapi.json

# Terminal and console.
FROM node:20-bookworm-slim AS kiosk
WORKDIR /app/kiosk
COPY kiosk/package.json kiosk/package-lock.json kiosk/.npmrc ./
RUN npm ci --no-audit --no-fund --loglevel=error
COPY kiosk ./
COPY --from=base /app/openapi.json gen/
RUN npm run --silent build

# The product itself, as one wheel with the built pages inside.
FROM base AS build
COPY --from=kiosk /app/kiosk/dist kiosk/dist/
RUN tools/bin/uv pip install --quiet --python env/bin/python --no-deps --build-constraints requirements-dev.lock .

FROM python:3.13-slim-bookworm
# Chinese glyphs for every sheet that is drawn on the server.
RUN apt-get update && apt-get install --yes --no-install-recommends fonts-noto-cjk && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home --home-dir /app pingyi
USER pingyi
WORKDIR /app
COPY --from=build /app/env env/
RUN mkdir data
ENV PATH=/app/env/bin:$PATH PINGYI_DATA_DIR=/app/data PYTHONUNBUFFERED=1
VOLUME /app/data
EXPOSE 8000
CMD ["pingyi", "serve", "--host", "0.0.0.0", "--port", "8000"]
