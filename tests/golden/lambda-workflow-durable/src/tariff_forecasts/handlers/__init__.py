"""One module per function: event in, domain, answer out."""
