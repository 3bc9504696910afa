"""A plugin for tests that have to fail: Hypothesis does not look for the smallest example that does."""

from hypothesis import Phase, settings

settings.register_profile("no shrinking", phases=[Phase.explicit, Phase.reuse, Phase.generate])
settings.load_profile("no shrinking")
