"""Tests that would disturb each other, or make the same twice, are handed to one process."""

from __future__ import annotations

import sharing
from toolbox import REPOSITORY

END_TO_END = REPOSITORY / "tests" / "e2e"


def test_all_that_run_containers_share_a_process() -> None:
    users = [path for path in END_TO_END.glob("test_*.py") if "engine" in path.read_text(encoding="utf-8")]

    groups = {path.name: sharing.group(f"tests/e2e/{path.name}::test_it") for path in users}

    assert len(groups) > 5
    assert set(groups.values()) == {"containers"}, groups


def test_repositories_with_the_same_dependencies_share_a_process() -> None:
    name = "tests/test_matrix.py::test_ruff_is_content"

    groups = [
        sharing.group(f"{name}[{combination}]")
        for combination in (
            "queue-mit-3.12-sam-none-lean-arm64",
            "queue-apache-2.0-3.13-cdk-github-boto3-x86_64",
            "fargate-task-queue-mit-3.13-gitlab",
            "fargate-service-queue-none-3.12",
        )
    ]

    assert groups[0] == groups[1]
    assert len(set(groups)) == 3


def test_ways_to_break_one_repository_share_a_process() -> None:
    names = [
        "test_task_mutations.py::test_whole_stack_breaks_nothing[fargate-task/job]",
        "test_task_mutations.py::test_mutation_fails_the_right_test[fargate-task/job:always_on]",
        "test_task_mutations.py::test_mutation_fails_the_right_test[fargate-task/array:always_on]",
        "test_cdk_mutations.py::test_mutation_fails_the_right_test[stream-kinesis:any_stream]",
        "test_mutations.py::test_mutation_fails_the_right_test[stream-kinesis:any_stream]",
    ]

    groups = [sharing.group(f"tests/{name}") for name in names]

    assert groups[0] == groups[1]
    assert len(set(groups)) == 4


def test_other_tests_share_a_process_with_those_of_their_file() -> None:
    assert sharing.group("tests/test_chart.py::test_axis[x]") == "tests/test_chart.py"


def test_the_dearest_group_begins() -> None:
    names = [
        "tests/test_matrix.py::test_ruff_is_content[queue-mit]",
        "tests/e2e/test_lambda_queue.py::test_it",
        "tests/e2e/test_lambda_http.py::test_it",
        "tests/e2e/test_task_job.py::test_it",
    ]

    assert sorted(names, key=sharing.rank) == [names[3], names[2], names[0], names[1]]


def test_groups_that_wait_and_groups_that_compute_alternate() -> None:
    names = [
        "tests/e2e/test_lambda_job.py::test_it",
        "tests/e2e/test_lambda_job.py::test_more",
        "tests/e2e/test_lambda_queue.py::test_it",
        "tests/test_matrix.py::test_ruff_is_content[job-mit]",
        "tests/test_matrix.py::test_ruff_is_content[queue-mit]",
        "tests/test_matrix.py::test_mypy_is_content[job-mit]",
    ]

    turns = sharing.turns(names)

    assert sorted(names, key=lambda name: turns[sharing.group(name)]) == [
        *names[:2],
        names[3],
        names[5],
        names[2],
        names[4],
    ]
