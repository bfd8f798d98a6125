# syntax=docker/dockerfile:1
# Two stages: the first makes a virtual environment of the pinned wheels, the second holds it and nothing else.
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS python
SHELL ["/bin/sh", "-eu", "-c"]
# Debian's own Python, with Debian's security updates of the day on which the image is built.
# hadolint ignore=DL3008
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get upgrade -y -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ca-certificates python3 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /usr/lib/python3.*/lib2to3 /usr/lib/python3.*/pydoc_data

FROM python AS build
# hadolint ignore=DL3008
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends binutils python3-venv \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# otel: with what sends traces
ARG REQUIREMENTS=run
COPY requirements/run.txt requirements/otel.txt requirements/image.txt requirements/
RUN python3 -m venv /opt/sordino \
 && /opt/sordino/bin/pip install --no-cache-dir --no-compile --no-deps --require-hashes --only-binary :all: \
      -r "requirements/$REQUIREMENTS.txt" \
 && python3 -m venv /opt/tools \
 && /opt/tools/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: -r requirements/image.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY gateway gateway
COPY redaction redaction
COPY storage storage
COPY notices notices
RUN /opt/tools/bin/python -m build --wheel --no-isolation --outdir /dist \
 && /opt/sordino/bin/pip install --no-cache-dir --no-compile --no-deps --no-index /dist/*.whl \
 && /opt/tools/bin/cyclonedx-py environment --output-reproducible --of JSON -o /opt/sordino/sbom.cdx.json \
      /opt/sordino/bin/python \
 && /opt/sordino/bin/pip uninstall -y -q pip setuptools \
 && find /opt/sordino -type d \( -name tests -o -path '*/phonenumbers/geodata' -o -path '*/phonenumbers/carrierdata' \
      -o -path '*/phonenumbers/tzdata' -o -path '*/numpy/f2py' -o -path '*/numpy/distutils' -o -path '*/sqlalchemy/testing' \
      -o -path '*/sqlalchemy/dialects/m[sy]*' -o -path '*/sqlalchemy/dialects/oracle' -o -path '*/alembic/testing' \) \
      -prune -exec rm -rf {} + \
 && rm /opt/sordino/lib/python3.*/site-packages/stdnum/oui.dat /opt/sordino/lib/python3.*/site-packages/stdnum/imsi.dat \
 && find /opt/sordino -type f \( -name '*.pyi' -o -name '*.pxd' -o -name '*.pyx' -o -name '*.h' -o -name '*.a' \) -delete \
 && find /opt/sordino -type f -name '*.so*' -not -path '*.libs/*' -exec strip --strip-unneeded {} +

FROM python
LABEL org.opencontainers.image.title="Sordino" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.description="A gateway that keeps what the privacy notice promises"
COPY --from=build /opt/sordino /opt/sordino
RUN groupadd --gid 10001 sordino \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/sordino --shell /usr/sbin/nologin sordino \
 && install -d -m 0700 -o 10001 -g 10001 /var/lib/sordino
# Nothing is written below /opt: the root file system may be read-only. Core dumps are off in the process itself.
ENV PATH=/opt/sordino/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SORDINO_HOME=/var/lib/sordino/home \
    SORDINO_PUBLIC_LISTEN=0.0.0.0:8080 \
    SORDINO_INTERNAL_LISTEN=0.0.0.0:8081
USER 10001:10001
WORKDIR /var/lib/sordino
VOLUME /var/lib/sordino
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["sordino", "health"]
ENTRYPOINT ["sordino"]
CMD ["serve", "--notice", "/etc/sordino/notice.yaml"]
