"""Existing projects follow the templates: what an upgrade does, tells and refuses."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml
from projects import DAY, FIRST, FIRST_BUNDLE, Project, Workshop, git
from toolbox import REPOSITORY

from generator import policy, source
from generator.errors import AnswersError, AnswersFileError, GitError, ProjectError
from generator.upgrade.deciding import Wish, decide_again
from generator.upgrade.stored import read
from generator.upgrade.templates import OWN_TAG

if TYPE_CHECKING:
    from pathlib import Path

    from generator.upgrade.changes import AnswerChange
    from generator.upgrade.report import Report

RECORD = "docs/adr/0001-compute-tier.md"
HANDLER = "src/shipping_quotes/handlers/http.py"
DOMAIN = "src/shipping_quotes/domain.py"


def test_untouched_project_becomes_what_this_release_renders(workshop: Workshop, project: Project) -> None:
    report = workshop.upgrade(project)

    workshop.render(workshop.folder / "fresh")
    fresh = type(project)(folder=workshop.folder / "fresh", top=workshop.folder / "fresh")
    assert (report.state, report.conflicts, report.exit_code) == ("merged", (), 0)
    assert project.files() == fresh.files()
    assert set(project.status().values()) <= {"M ", "A ", "D "}


def test_second_upgrade_has_nothing_to_do(workshop: Workshop, project: Project) -> None:
    workshop.upgrade(project, commits=True)
    before = project.files()

    report = workshop.upgrade(project)

    assert (report.state, report.files) == ("current", ())
    assert project.files() == before
    assert project.status() == {}


def test_owners_lines_stay_where_the_template_changes_others(workshop: Workshop, project: Project) -> None:
    project.append("README.md", "\n## Ours\n\nOnly we know this.\n")
    project.write("src/shipping_quotes/tariffs.py", "TARIFF = 3\n")
    project.commit()

    report = workshop.upgrade(project)

    assert report.conflicts == ()
    assert project.read("README.md").endswith("Only we know this.\n")
    assert project.read("src/shipping_quotes/tariffs.py") == "TARIFF = 3\n"
    assert yaml.safe_load(project.read(".copier-answers.yml"))["_commit"] == OWN_TAG


def test_same_line_changed_by_both_is_a_conflict_that_shows_both(
    workshop: Workshop, project: Project
) -> None:
    text = project.read(".copier-answers.yml")
    project.write(".copier-answers.yml", text.replace(f"_commit: {FIRST}\n", f"_commit: {FIRST} # ours\n"))
    project.commit()

    report = workshop.upgrade(project)

    assert [(conflict.path, conflict.state) for conflict in report.conflicts] == [
        (".copier-answers.yml", "UU")
    ]
    assert report.exit_code == 1
    assert project.status()[".copier-answers.yml"] == "UU"
    merged = project.read(".copier-answers.yml")
    assert "# ours" in merged
    assert f"_commit: {OWN_TAG}" in merged
    assert report.conflicts[0].commands == (("git add -- .copier-answers.yml", "after you edited it"),)


def test_unfinished_merge_is_undone_by_git_alone(workshop: Workshop, project: Project) -> None:
    project.append(DOMAIN, "\nOURS = 1\n")
    project.commit()
    before = project.files()
    workshop.upgrade(project, "trigger=event", "event_kind=queue")

    git(project.folder, "reset", "--merge")

    assert project.files() == before
    assert project.status() == {}


@pytest.mark.parametrize("dry", ["dry_run", "only_check"])
def test_looking_writes_nothing_at_all(workshop: Workshop, project: Project, dry: str) -> None:
    before = {path: path.read_bytes() for path in project.folder.rglob("*") if path.is_file()}

    report = workshop.upgrade(project, **{dry: True})

    assert report.state == {"dry_run": "previewed", "only_check": "due"}[dry]
    assert {path: path.read_bytes() for path in project.folder.rglob("*") if path.is_file()} == before


def test_preview_says_what_the_upgrade_then_does(workshop: Workshop, project: Project) -> None:
    project.append(HANDLER, "\nOURS = 1\n")
    project.commit()
    wish = ("trigger=event", "event_kind=queue")

    preview = workshop.upgrade(project, *wish, dry_run=True)
    report = workshop.upgrade(project, *wish)

    assert (preview.files, preview.conflicts) == (report.files, report.conflicts)
    told = {change.path for change in report.files} | {conflict.path for conflict in report.conflicts}
    assert told == set(project.status())


def test_commit_is_the_owners_and_says_from_where_to_where(workshop: Workshop, project: Project) -> None:
    git(project.folder, "config", "user.name", "Somebody")
    git(project.folder, "config", "user.email", "somebody@example.invalid")

    report = workshop.upgrade(project, commits=True, branch="upgrade")

    assert report.state == "committed"
    assert git(project.folder, "log", "-1", "--format=%an: %s").strip() == (
        f"Somebody: chore: upgrade the service template from {FIRST} to {OWN_TAG}"
    )
    assert git(project.folder, "branch", "--show-current").strip() == "upgrade"
    assert git(project.folder, "rev-parse", "HEAD~1", "main").split()[0] == (
        git(project.folder, "rev-parse", "main").strip()
    )


def test_durable_function_stays_where_it_is_and_is_not_told_to_get_what_it_has(workshop: Workshop) -> None:
    project = workshop.project(tag=OWN_TAG, event_source="workflow", orchestration="durable-function")

    report = workshop.upgrade(project)

    assert (report.state, report.verdict.words) == ("current", "still AWS Lambda (workflow)")
    warnings = yaml.safe_load(project.read(".copier-answers.yml"))["decision"]["warnings"]
    assert [warning for warning in warnings if "orchestrator" in warning["text"]] == []


def test_changed_answer_is_rendered_and_told(workshop: Workshop, project: Project) -> None:
    report = workshop.upgrade(project, "python_version=3.12")

    assert [(change.key, change.kind, change.after) for change in answered_before(report)] == [
        ("python_version", "changed", "3.12")
    ]
    assert project.read(".python-version") == "3.12\n"


def test_wrong_answer_changes_nothing(workshop: Workshop, project: Project) -> None:
    with pytest.raises(AnswersError, match="longest_run_s = soon"):
        workshop.upgrade(project, "longest_run_s=soon")

    assert project.status() == {}


def test_answer_that_is_no_longer_asked_is_let_go_and_named(workshop: Workshop, project: Project) -> None:
    project.append(".copier-answers.yml", "retired: 7\n")
    project.commit()

    report = workshop.upgrade(project)

    assert [(change.key, change.kind, change.before) for change in answered_before(report)] == [
        ("retired", "dropped", 7)
    ]


def test_answers_that_are_no_longer_taken_get_their_defaults(project: Project) -> None:
    stored = read(project.folder)
    refused = {"aws_region": "moon-1", "longest_run_s": -1, "trigger": "telepathy"}
    changed = replace(stored, answers={**stored.answers, **refused})

    redecision = decide_again(changed, policy.load(), Wish(), today=DAY)

    assert {dropped.key: dropped.value for dropped in redecision.dropped} == refused
    assert (redecision.answers["aws_region"], redecision.answers["longest_run_s"]) == ("us-east-1", None)


def test_answers_that_never_fitted_are_the_owners_to_repair(workshop: Workshop, project: Project) -> None:
    text = project.read(".copier-answers.yml")
    project.write(".copier-answers.yml", text.replace("aws_region: us-east-1", "aws_region: moon-1"))
    project.commit()

    with pytest.raises(ProjectError, match=f"do not fit {FIRST}.*aws_region") as refused:
        workshop.upgrade(project)

    assert "--data" in refused.value.hint


def test_project_in_a_folder_of_a_repository_leaves_the_rest_alone(workshop: Workshop) -> None:
    top = workshop.folder / "mono"
    names = ("services/one", "services/two")
    for name in names:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        workshop.render(top / name, FIRST)
    git(top, "init", "--quiet", "-b", "main")
    one, two = (Project(folder=top / name, top=top) for name in names)
    one.commit()
    # What the owner deletes in one project has a twin in the other, which git could take for its new place.
    (one.folder / "README.md").unlink()
    one.commit()
    (top / "notes.txt").write_text("not committed", encoding="utf-8")
    untouched = two.files()

    report = workshop.upgrade(one, "description=Another thing.")

    assert two.files() == untouched
    assert {conflict.path for conflict in report.conflicts} == {"README.md"}
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "--message", "one")
    assert workshop.upgrade(two).conflicts == ()
    assert {path.split("/")[1] for path in two.status()} == {"two"}


def test_second_project_of_a_repository_is_merged_beside_the_first(workshop: Workshop) -> None:
    top = workshop.folder / "mono"
    top.mkdir()
    for name in ("one", "two"):
        workshop.render(top / name, FIRST)
    git(top, "init", "--quiet", "-b", "main")
    one, two = (Project(folder=top / name, top=top) for name in ("one", "two"))
    one.commit()

    workshop.upgrade(one)
    report = workshop.upgrade(two, commits=True)

    assert report.state == "committed"
    assert {path.split("/")[0] for path in one.status()} == {"one"}


def test_project_without_git_is_refused(workshop: Workshop, project: Project) -> None:
    shutil.rmtree(project.folder / ".git")

    with pytest.raises(ProjectError, match="no git work tree"):
        workshop.upgrade(project)


def test_repository_without_a_commit_is_refused(workshop: Workshop, project: Project) -> None:
    shutil.rmtree(project.folder / ".git")
    git(project.folder, "init", "--quiet")

    with pytest.raises(ProjectError, match="nothing is committed yet"):
        workshop.upgrade(project)


def test_project_that_was_never_committed_is_refused(workshop: Workshop, project: Project) -> None:
    shutil.rmtree(project.folder / ".git")
    git(project.folder.parent, "init", "--quiet")
    git(project.folder.parent, "commit", "--quiet", "--allow-empty", "--message", "empty")

    with pytest.raises(ProjectError, match="is not committed"):
        workshop.upgrade(project)


def test_fork_is_asked_only_when_the_person_names_it(
    workshop: Workshop, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork = workshop.folder / "fork.git"
    git(workshop.folder, "init", "--quiet", "--bare", str(fork))
    git(fork, "fetch", "--quiet", str(FIRST_BUNDLE), f"refs/tags/{FIRST}:refs/tags/{FIRST}")
    git(fork, "tag", OWN_TAG, FIRST)
    url = f"ssh://git@example.invalid{fork}"
    text = project.read(".copier-answers.yml")
    project.write(".copier-answers.yml", text.replace(source.template_url(), url))
    project.commit()
    # What ssh would start at the other end.
    asked = workshop.folder / "asked"
    ssh = workshop.folder / "ssh"
    lines = ("#!/bin/sh", f'echo "$@" >> {asked}', "for last do :; done", 'eval "exec $last"', "")
    ssh.write_text("\n".join(lines), encoding="utf-8")
    ssh.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", f"{ssh} -x")

    with pytest.raises(ProjectError, match="from another template"):
        workshop.upgrade(project)
    assert not asked.exists()
    report = workshop.upgrade(project, template_url=url)

    assert (report.state, report.conflicts) == ("merged", ())
    assert len(asked.read_text(encoding="utf-8").splitlines()) == 2
    assert f"_src_path: {url}\n" in project.read(".copier-answers.yml")


def test_machine_without_git_is_told_so(
    workshop: Workshop, project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(GitError, match="git is not installed"):
        workshop.upgrade(project)


def test_changes_that_are_not_committed_are_named(workshop: Workshop, project: Project) -> None:
    project.append("README.md", "more\n")
    project.append(DOMAIN, "# staged\n")
    git(project.folder, "add", DOMAIN)

    with pytest.raises(ProjectError) as refused:
        workshop.upgrade(project)

    assert "  README.md" in refused.value.message
    assert f"  {DOMAIN}" in refused.value.message
    assert "git stash" in refused.value.hint


def test_files_that_git_does_not_know_may_lie_there_unless_in_the_way(
    workshop: Workshop, project: Project
) -> None:
    project.write("scratch.txt", "mine")
    project.write("src/shipping_quotes/handlers/queue.py", "mine too")
    before = project.files()

    with pytest.raises(ProjectError, match=r"handlers/queue\.py"):
        workshop.upgrade(project, "trigger=event", "event_kind=queue")

    assert project.files() == before
    assert workshop.upgrade(project).state == "merged"
    assert project.read("scratch.txt") == "mine"


@pytest.mark.parametrize(
    ("mark", "name"),
    [("MERGE_HEAD", "merge"), ("CHERRY_PICK_HEAD", "cherry-pick"), ("rebase-merge", "rebase")],
)
def test_merge_that_is_under_way_is_finished_first(
    workshop: Workshop, project: Project, mark: str, name: str
) -> None:
    (project.folder / ".git" / mark).write_text(git(project.folder, "rev-parse", "HEAD"), encoding="ascii")

    with pytest.raises(ProjectError, match=f"a {name} is under way"):
        workshop.upgrade(project)


def test_shallow_clone_can_be_looked_at_but_not_merged_into(workshop: Workshop, project: Project) -> None:
    project.commit("second")
    git(workshop.folder, "clone", "--quiet", "--depth=1", f"file://{project.folder}", "shallow")
    shallow = type(project)(folder=workshop.folder / "shallow", top=workshop.folder / "shallow")

    with pytest.raises(ProjectError, match="shallow clone") as refused:
        workshop.upgrade(shallow)

    assert "git fetch --unshallow" in refused.value.hint
    assert workshop.upgrade(shallow, only_check=True).state == "due"
    assert workshop.upgrade(shallow, dry_run=True).state == "previewed"


def test_commit_needs_a_branch_that_holds_it(workshop: Workshop, project: Project) -> None:
    git(project.folder, "checkout", "--quiet", "--detach")

    with pytest.raises(ProjectError, match="no branch is checked out"):
        workshop.upgrade(project, commits=True)

    assert workshop.upgrade(project, commits=True, branch="kept").state == "committed"


@pytest.mark.parametrize("name", ["main", "two words", "-x", "a..b"])
def test_branch_that_cannot_be_made_is_refused(workshop: Workshop, project: Project, name: str) -> None:
    with pytest.raises(ProjectError, match="--branch"):
        workshop.upgrade(project, branch=name)

    assert project.status() == {}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (f"_commit: {FIRST}", "_commit: v99.0.0", "it does not go back"),
        (f"_commit: {FIRST}", "_commit: main", "names no release"),
        (f"_commit: {FIRST}", "_commit: --upload-pack=touch hacked", "names no release"),
        (f"_commit: {FIRST}\n", "", "names no release"),
        (
            "https://new-service.invalid/new-service.git",
            "https://evil.invalid/x.git",
            "from another template",
        ),
        ("https://new-service.invalid/new-service.git", "ext::sh -c touch% hacked", "from another template"),
        ("https://new-service.invalid/new-service.git", "--upload-pack=touch", "from another template"),
        ("decision:\n", "decided:\n", "holds no decision"),
        ("\ntier: lambda\n", "\ntier: lambda\n<<<<<<< HEAD\n", "not usable YAML"),
        ("\ntier: lambda\n", "\ntier: lambda\ntier: lambda\n", "given twice"),
        (
            "\ntier: lambda\n",
            "\ntier: !!python/object/apply:os.system [touch hacked]\n",
            "tags have no place",
        ),
    ],
    ids=lambda value: value[:24].strip(),
)
def test_answers_file_that_cannot_be_trusted_is_refused(
    workshop: Workshop, project: Project, old: str, new: str, message: str
) -> None:
    text = project.read(".copier-answers.yml")
    assert old in text
    project.write(".copier-answers.yml", text.replace(old, new, 1))
    project.commit()

    with pytest.raises((ProjectError, AnswersFileError), match=message):
        workshop.upgrade(project)

    assert project.status() == {}
    assert not list(workshop.folder.rglob("hacked"))


def test_missing_answers_file_is_refused(workshop: Workshop, project: Project) -> None:
    (project.folder / ".copier-answers.yml").unlink()
    project.commit()

    with pytest.raises(ProjectError, match="was not made by new-service"):
        workshop.upgrade(project)


def test_release_that_is_nowhere_is_named(workshop: Workshop, project: Project) -> None:
    text = project.read(".copier-answers.yml")
    project.write(".copier-answers.yml", text.replace(f"_commit: {FIRST}", "_commit: v0.0.7"))
    project.commit()

    with pytest.raises(ProjectError) as refused:
        workshop.upgrade(project)

    assert f"the templates of v0.0.7 are missing: this new-service has {FIRST}, {OWN_TAG}" in (
        refused.value.message
    )
    assert source.template_url() in refused.value.message
    assert project.status() == {}


@pytest.mark.parametrize("autocrlf", ["true", "input", "false"])
def test_line_ends_of_the_work_tree_are_gits_business(
    workshop: Workshop, project: Project, autocrlf: str
) -> None:
    git(project.folder, "config", "core.autocrlf", autocrlf)
    project.write("windows.txt", "one\r\ntwo\r\n")
    project.write(".gitattributes", "*.png binary\n*.sh text eol=lf\n")
    project.commit()

    report = workshop.upgrade(project, commits=True)

    assert report.conflicts == ()
    assert project.status() == {}
    assert project.read("windows.txt") == "one\r\ntwo\r\n"


def test_binary_files_links_and_programs_of_the_owner_stay(workshop: Workshop, project: Project) -> None:
    (project.folder / "logo.png").write_bytes(bytes(range(256)))
    (project.folder / "READ.ME").symlink_to("README.md")
    project.write("scripts/run.sh", "#!/bin/sh\n")
    (project.folder / "scripts/run.sh").chmod(0o755)
    (project.folder / "scripts/build.py").chmod(0o755)
    project.commit()
    before = project.files()

    workshop.upgrade(project)

    kept = ("logo.png", "scripts/run.sh")
    assert {name: project.files()[name] for name in kept} == {name: before[name] for name in kept}
    assert str((project.folder / "READ.ME").readlink()) == "README.md"
    assert project.files()["scripts/build.py"][1]


def test_filter_of_the_owner_is_applied_to_what_comes(workshop: Workshop, project: Project) -> None:
    git(project.folder, "config", "filter.shout.clean", "tr A-Z a-z")
    git(project.folder, "config", "filter.shout.smudge", "tr a-z A-Z")
    project.write(".gitattributes", "handlers/queue.py filter=shout\n**/queue.py filter=shout\n")
    project.commit()

    workshop.upgrade(project, "trigger=event", "event_kind=queue")

    assert "DEF LAMBDA_HANDLER" in project.read("src/shipping_quotes/handlers/queue.py")


def test_machine_form_tells_what_a_pipeline_needs(workshop: Workshop, project: Project) -> None:
    from generator.upgrade import report as reports

    made = json.loads(json.dumps(reports.as_json([workshop.upgrade(project, only_check=True)])))

    (found,) = made["projects"]
    assert (found["is_due"], found["tier_holds"], found["exit_code"]) == (True, True, 1)
    assert (found["from"], found["to"]) == (FIRST, OWN_TAG)


def answered_before(report: Report) -> list[AnswerChange]:
    """Return what became of the answers that there were; newer templates ask for more."""
    return [change for change in report.answers if change.kind != "added"]


def test_fixture_is_named_like_what_it_holds() -> None:
    for bundle in (REPOSITORY / "tests" / "releases").glob("*.bundle"):
        listed = git(REPOSITORY, "bundle", "list-heads", str(bundle)).split()
        assert listed[1::2] == [f"refs/tags/{bundle.stem}"]
