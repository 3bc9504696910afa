help: ## Show the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what uv.lock says; make uv.lock first if there is none
	test -f uv.lock || $(UV) lock
	$(UV) sync --locked
