@pytest.fixture(scope="session")
def answers() -> dict[str, Any]:
    """What was answered about the workload, and what was decided."""
    return dict(yaml.safe_load((ROOT / ".copier-answers.yml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def record(answers: dict[str, Any]) -> dict[str, Any]:
    """The decision record: what the workload needs and what may bill while idle."""
    return dict(answers["decision"])
