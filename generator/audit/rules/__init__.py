"""One module for each rule: `<name>.py` is how the rule `<name>` of `rules.toml` is seen."""
