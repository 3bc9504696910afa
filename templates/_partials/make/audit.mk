# The program that this repository was made with: from its template's published place, at the release that
# .copier-answers.yml names. NEW_SERVICE=new-service takes one that is installed.
TEMPLATE = $(shell sed -E '/^_src_path: /!d; s///; s,^gh:,https://github.com/,; s,^gl:,https://gitlab.com/,; \
	s,^([^/:]+@[^/:]+):,ssh://\1/,; /:\/\//!d; /\.invalid\//d' .copier-answers.yml)
RELEASE = $(shell sed -n 's/^_commit: //p' .copier-answers.yml)
NEW_SERVICE ?= $(if $(TEMPLATE),$(UV) tool run --from 'git+$(TEMPLATE)@$(RELEASE)' new-service)
