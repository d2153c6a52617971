# MallOps. `make help` lists what can be done.
HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=
PYTHON ?=
MALLOPS_VAR_DIR ?= $(CURDIR)/var
export PYTHON MALLOPS_VAR_DIR

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset demo-data test lint format bench messages

help: ## Show this list
	@echo "make TARGET, where TARGET is one of"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1|\2/' | column -t -s '|' 2>/dev/null \
		|| grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST)
	@echo "Settings: HOST=$(HOST) PORT=$(PORT) (demo), ARGS=... (test, bench), ONLY=sqlite|postgres (test, bench), PYTHON=python3.12"

demo demo-data demo-reset: export SITE_URL ?= http://$(HOST):$(PORT)

demo: demo-data ## Serve malls full of demonstration data; goes on where it left off
	@echo
	@echo "MallOps is at $$SITE_URL (Ctrl-C ends it)."
	@case "$(HOST)" in 127.0.0.1|localhost|::1) ;; *) export ALLOWED_HOSTS="$${ALLOWED_HOSTS:-*}" ;; esac; \
		export MALLOPS_DEBUG="$${MALLOPS_DEBUG:-false}"; exec .venv/bin/python manage.py serve --host "$(HOST)" --port "$(PORT)"

demo-data:
	@scripts/python runtime >/dev/null
	@.venv/bin/python manage.py migrate --verbosity 0
	@.venv/bin/python manage.py createcachetable --verbosity 0
	@.venv/bin/python manage.py rebuild_rollups --missing
	@.venv/bin/python manage.py post_settlements
	@.venv/bin/python manage.py load_demo --print-logins

demo-reset: ## Throw the demonstration data away and begin anew
ifdef DATABASE_URL
	@$(MAKE) --no-print-directory demo-data >/dev/null
	@.venv/bin/python manage.py load_demo --reset
else
	rm -rf "$(MALLOPS_VAR_DIR)"/mallops.sqlite3* "$(MALLOPS_VAR_DIR)/files"
endif
	@$(MAKE) --no-print-directory demo

test: ## Run all tests: on SQLite, and on PostgreSQL where it is found
	@scripts/test $(ARGS)

lint: ## Check style, formatting, and that no migration is missing
	@scripts/python dev >/dev/null
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/python manage.py check --fail-level WARNING
	.venv/bin/python manage.py makemigrations --check --dry-run

format: ## Format the code and mend what ruff can mend
	@scripts/python dev >/dev/null
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: ## Run the benchmarks, which print ratios measured side by side
	@scripts/bench $(ARGS)

messages: ## Collect translatable texts and compile the translations (needs gettext)
	@scripts/python dev >/dev/null
	.venv/bin/python manage.py makemessages --locale zh_Hans --no-obsolete --no-wrap --add-location file \
		--ignore .venv --ignore tools --ignore tests --ignore benchmarks
	.venv/bin/python manage.py compilemessages --locale zh_Hans --ignore .venv
