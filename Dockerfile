# One image for Herald's four processes; the command names the process.
ARG PYTHON_IMAGE=python:3.12.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
RUN python3 -m venv /opt/venv
COPY pyproject.toml README.md LICENSE ./
COPY alert_rules alert_rules
COPY collector collector
COPY dashboards dashboards
COPY exporters exporters
COPY herald herald
COPY hwsim hwsim
COPY model model
COPY reports reports
COPY slo slo
COPY store store
COPY web web
RUN /opt/venv/bin/pip install --no-cache-dir .

FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --create-home herald \
 && install -d -o herald /var/lib/herald /var/lib/herald/generated
COPY --from=build /opt/venv /opt/venv
COPY deploy/herald /opt/herald
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
USER herald
WORKDIR /var/lib/herald
CMD ["herald", "--help"]
