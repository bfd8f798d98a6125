# make run    sets up what is missing, starts the demo shop bot with Sordino in front of it
# make test   sets up what is missing and runs every test
# make lint   ruff, mypy, import-linter, deptry, hadolint
# make quality  scores redaction on the gold messages and writes docs/quality.md
# make torture  kills, power loss, outages, tampering, years of retention; goes on from where it stopped
#             (SECONDS=3600: begins nothing after an hour), and writes docs/reliability.md
# make fuzz   random bytes for what reads the bytes of strangers (atheris); goes on from where it stopped
#             (SECONDS=600: each target so long; TARGET=twiml: one of them), and writes docs/fuzzing.md
# make chart  checks the Helm chart with checkov, over every value set
# make image  builds the container image with buildah and tries it (root, buildah, debootstrap)
# make train  makes the weights of the names model from training/ (PUBLIC=folder of the public archives)
# make bench  prints throughput and latency beside a minimal proxy, on each engine, under attack; memory; redaction's speed
#             (PEERS=1: LiteLLM with Presidio beside it, a gigabyte of an environment; ROUNDS=1: quicker;
#             EXCHANGES=108000: memory over an hour and a half of twenty a second)

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
# One more than cores, for a test often waits for a disk, a server or a process; each has a PostgreSQL and a browser of its own.
WORKERS ?= $(shell cores=$$(nproc); echo $$((cores < 8 ? cores + 1 : 8)))

.PHONY: run demo test lint bench quality torture fuzz chart image train format pins clean

run: $(VENV)/.run
	@echo "make run: starting the demo: a shop bot, and Sordino in front of it (Ctrl-C ends it)"
	@$(BIN)/sordino demo

demo: $(VENV)/.run
	@$(BIN)/sordino demo --once --json

# Bytecode is written also where the environment says no: the tests start the program some two hundred times.
test: $(VENV)/.dev
	@echo "make test: running every test"
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest $(if $(CI),-q,) -n $(WORKERS) --dist worksteal $(ARGS)

lint: $(VENV)/.dev
	@echo "make lint: ruff, mypy, import-linter, deptry, hadolint"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .cache/import-linter
	$(BIN)/deptry .
	$(BIN)/hadolint --failure-threshold style Dockerfile

PEER := $(if $(PEERS),.cache/peers/bin/python)
bench: $(VENV)/.dev $(if $(PEERS),.cache/peers/.ready)
	@echo "make bench: direct, minimal proxy and Sordino in one run; then the redaction engine"
	@$(BIN)/python -m benchmarks.gateway
	@$(BIN)/python -m benchmarks.load_open --rounds $(or $(ROUNDS),3) $(if $(PEERS),--peers $(PEER)) \
	  $(if $(EXCHANGES),--exchanges $(EXCHANGES))
	@$(BIN)/python -m benchmarks.attacks --rounds $(or $(ROUNDS),3)
	@$(BIN)/python -m benchmarks.storage
	@$(BIN)/python -m benchmarks.calls_simulated
	@$(BIN)/python -m benchmarks.redaction $(if $(PEER),--peer $(PEER))
	@$(BIN)/python -m benchmarks.desk --sessions $(or $(SESSIONS),2000) --rounds 5
	@$(BIN)/python -m benchmarks.calls --calls $(or $(CALLS),500) --seconds $(or $(CALL_SECONDS),60)

.cache/peers/.ready: requirements/peers.txt
	@mkdir -p .cache
	@PYTHON="$(PYTHON)" ./setup.sh .cache/peers requirements/peers.txt
	@touch $@

quality: $(VENV)/.dev
	@echo "make quality: the gold messages, scored"
	@$(BIN)/python -m benchmarks.quality --write docs/quality.md

torture: $(VENV)/.dev
	@echo "make torture: what has to be survived, on both engines"
	@$(BIN)/python -m benchmarks.torture $(if $(SECONDS),--seconds $(SECONDS)) --write docs/reliability.md $(ARGS)

fuzz: .cache/fuzz/venv/.ready
	@echo "make fuzz: each target for $(or $(SECONDS),60) s"
	@.cache/fuzz/venv/bin/python -m fuzz --seconds $(or $(SECONDS),60) --write docs/fuzzing.md $(TARGET)

.cache/fuzz/venv/.ready: requirements/fuzz.txt
	@mkdir -p .cache/fuzz
	@PYTHON="$(PYTHON)" ./setup.sh .cache/fuzz/venv requirements/fuzz.txt
	@touch $@

chart: $(VENV)/.dev .cache/checkov/.ready
	@echo "make chart: rendering the chart and checking it"
	@$(BIN)/python -m pytest -q tests/helm
	@for values in helm/ci/*.yaml; do echo "checkov: $$values"; \
	  .cache/helm/helm template shop helm -f $$values > .cache/helm/rendered.yaml && \
	  .cache/checkov/bin/checkov --config-file helm/.checkov.yaml -f .cache/helm/rendered.yaml --skip-download || exit 1; done

.cache/checkov/.ready: requirements/checkov.txt
	@mkdir -p .cache
	@PYTHON="$(PYTHON)" ./setup.sh .cache/checkov requirements/checkov.txt
	@touch $@

image: $(VENV)/.dev
	@echo "make image: building the container image, and trying it"
	@SORDINO_TEST_IMAGE=1 $(BIN)/python -m pytest tests/image $(ARGS)

train: .cache/train/.ready
	@echo "make train: the weights of the names model from training/conversations"
	@.cache/train/bin/python -m training.train $(if $(PUBLIC),--public $(PUBLIC)) $(ARGS)

.cache/train/.ready: requirements/train.txt
	@mkdir -p .cache
	@PYTHON="$(PYTHON)" ./setup.sh .cache/train requirements/train.txt
	@touch $@

format: $(VENV)/.dev
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

$(VENV)/.run: requirements/run.txt pyproject.toml
	@echo "setting up: a virtual environment in $(VENV) with the pinned requirements"
	@PYTHON="$(PYTHON)" ./setup.sh $(VENV) requirements/run.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml
	@echo "setting up: a virtual environment in $(VENV) with the pinned requirements for development"
	@PYTHON="$(PYTHON)" ./setup.sh $(VENV) requirements/dev.txt
	@touch $@ $(VENV)/.run

# The pins hold hashes and no addresses; uv resolves them for every Python and platform at once.
pins: $(VENV)/.dev
	@$(BIN)/python -m pip install -q uv
	@for group in run otel dev train fuzz; do \
	  $(BIN)/uv pip compile pyproject.toml \
	    $$( [ $$group = run ] || echo --$$( [ $$group = otel ] && echo extra || echo group ) $$group ) -o requirements/$$group.txt -q \
	    --no-config --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	    --no-emit-index-url --no-emit-find-links; done
	@$(BIN)/uv pip compile --group peers --no-emit-package litellm-enterprise -o requirements/peers.txt -q \
	  --no-config --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --no-emit-index-url --no-emit-find-links

clean:
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .sordino dist build
