"""The rendered repositories here are compared, not run: their tests are no tests of this project."""

collect_ignore_glob = ["*"]
