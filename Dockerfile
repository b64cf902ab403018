# roster in a container: built in one stage, run in another that has neither compiler nor installer, as a user who owns nothing but /data.
#   docker build -t roster . && docker run -p 127.0.0.1:8080:8080 -v roster-data:/data -e ROSTER_API_KEYS=... roster
FROM python:3.12-slim AS build
RUN python -m venv /opt/roster
WORKDIR /src
COPY deploy/requirements.lock ./
RUN /opt/roster/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY profiles profiles
COPY mappings mappings
COPY engines engines
COPY privacy privacy
COPY indexer indexer
COPY search_api search_api
COPY cli cli
COPY examples examples
# setuptools builds the package and is not needed after; neither is pip
RUN /opt/roster/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && /opt/roster/bin/pip uninstall --yes setuptools pip \
    && /opt/roster/bin/python -m compileall -q /opt/roster/lib

FROM python:3.12-slim
RUN groupadd --gid 10001 roster \
    && useradd --uid 10001 --gid roster --no-create-home --home-dir /data --shell /usr/sbin/nologin roster \
    && install --directory --owner=roster --group=roster /data
COPY --from=build /opt/roster /opt/roster
COPY deploy/make_secrets.py /opt/roster/
ENV PATH=/opt/roster/bin:$PATH PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
# Alive, not ready: a search engine that is away is no reason to restart what waits for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["roster"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
