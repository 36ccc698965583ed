# Two images from one file: `service` (api, worker) and `assistant` (bot, actions).

FROM python:3.11-slim AS service
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /app
COPY pyproject.toml uv.lock README.md ./
COPY api api
RUN uv sync --locked --no-dev --compile-bytecode
COPY data data
ENV PATH=/app/.venv/bin:$PATH BIND_HOST=0.0.0.0 PYTHONUNBUFFERED=1
RUN useradd --create-home doorstep && mkdir /data && chown doorstep /data
USER doorstep
CMD ["doorstep", "serve"]

FROM python:3.10-slim AS assistant
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /app
COPY bot/pyproject.toml bot/uv.lock bot/
RUN cd bot && uv sync --locked --no-group dev --compile-bytecode
COPY bot bot
COPY actions actions
COPY data data
ENV BIND_HOST=0.0.0.0 PYTHONUNBUFFERED=1 RASA_TELEMETRY_ENABLED=false
# The model is trained when the image is built, so that a container starts with it.
RUN bot/.venv/bin/python -m bot.train
RUN useradd --create-home doorstep && mkdir /data && chown -R doorstep /data bot
USER doorstep
CMD ["bot/.venv/bin/python", "-m", "bot.serve"]
