from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator import decision, policy, prices, source, workload
from generator.conditions import every_test
from generator.errors import PolicyFileError

if TYPE_CHECKING:
    from pathlib import Path

    from generator.policy_model import Policy

RULES = policy.load()
PRICES = prices.load()
TEMPLATES = source.templates(source.root())


def layered(folder: Path, *texts: str) -> Policy:
    files = []
    for number, text in enumerate(texts, start=1):
        file = folder / f"house-{number}.toml"
        file.write_text(text, encoding="utf-8")
        files.append(file)
    return policy.load(*files)


def tier_under(rules: Policy, **answers: object) -> str | None:
    return decision.decide(workload.parse(answers, rules), rules, PRICES, TEMPLATES).tier


def test_facts_are_exactly_those_that_a_workload_has() -> None:
    known = {field.name for field in fields(workload.Workload)} - {"assumptions"}

    assert set(RULES.facts) == known


def test_workload_lists_its_facts_in_asking_order() -> None:
    answered = workload.parse({"trigger": "http"}, RULES)

    ordered = [fact.name for fact in sorted(RULES.facts.values(), key=lambda fact: fact.step)]
    assert list(RULES.facts) == ordered
    assert set(answered.values()) == set(ordered)


def test_every_limit_has_a_source_and_a_date() -> None:
    unsourced = [limit.id for limit in RULES.limits.values() if not limit.source.startswith("https://")]

    assert unsourced == []
    assert {limit.checked for limit in RULES.limits.values()} == {date(2026, 11, 23)}


def test_every_number_of_aws_among_the_assumptions_has_a_source() -> None:
    of_aws = {
        "lambda_mib_per_vcpu",
        "lambda_min_memory",
        "lambda_concurrency_quota",
        "connection_rate_quota",
        "gateway_timeout_s",
        "task_start_s",
        "task_minimum_billing_s",
        "fargate_free_storage",
        "fargate_max_storage",
        "fargate_vcpu_quota",
        "retirement_notice_s",
    }

    assert {name for name in of_aws if not RULES.assumptions[name].source} == set()


def test_prompts_and_help_name_the_numbers_of_the_limits() -> None:
    prompt = RULES.facts["fits_lambda_envelope"].prompt

    assert "10,240 MiB" in prompt
    assert "6 vCPU" in prompt
    assert [fact.name for fact in RULES.facts.values() if "{" in fact.prompt + fact.help] == []


def test_prompt_follows_a_changed_limit(tmp_path: Path) -> None:
    rules = layered(tmp_path, "[limits.'lambda.memory']\nat_most = 20_480\n")

    assert "20,480 MiB" in rules.facts["fits_lambda_envelope"].prompt


def test_conditions_name_limits_by_id_and_take_their_numbers() -> None:
    asked_when = RULES.facts["divisible"].asked_when

    assert {test.operand for test in every_test(asked_when) if test.name == "longest_run_s"} == {900}


@pytest.mark.parametrize(
    ("change", "answers", "usual", "changed"),
    [
        pytest.param(
            "[limits.'lambda.duration']\nat_most = 300\n",
            {"trigger": "event", "longest_run_s": 600},
            "lambda",
            "fargate-task",
            id="a lower limit",
        ),
        pytest.param(
            "[limits.'lambda.memory']\nat_most = 32_768\n",
            {"trigger": "event", "memory_mb": 20_000},
            "fargate-task",
            "lambda",
            id="a higher limit",
        ),
        pytest.param(
            "[limits.'lambda.memory']\nat_most = 256\n",
            {"trigger": "event", "fits_lambda_envelope": "yes"},
            "lambda",
            "fargate-task",
            id="a limit below the default",
        ),
        pytest.param(
            "[settings]\nwebsocket = 'fargate-service'\n",
            {
                "trigger": "connection_in",
                "protocol": "websocket",
                "connection_max_min": 60,
                "connection_idle_min": 5,
                "message_kb": 32,
            },
            "lambda",
            "fargate-service",
            id="the strict reading of held connections",
        ),
        pytest.param(
            "[limits.'house.no_gpu']\ntiers = ['ec2']\nfact = 'host_needs'\nnone_of = ['gpu']\n"
            "text = 'it needs {answer}, and the house has none'\n"
            "source = 'https://house.invalid/gpu'\nchecked = 2026-11-01\nconfidence = 'judgement'\n",
            {"trigger": "job", "host_needs": ["gpu"]},
            "ec2",
            None,
            id="a limit of the house's own",
        ),
        pytest.param(
            "[assumptions.peak_factor]\nvalue = 1_000\n",
            {"trigger": "event", "longest_run_s": 3_600, "requests_per_month": 100_000},
            "fargate-task",
            "fargate-service",
            id="an assumption",
        ),
        pytest.param(
            "[facts.longest_run_s]\ndefault = 3_600\n",
            {"trigger": "event"},
            "lambda",
            "fargate-task",
            id="a default",
        ),
    ],
)
def test_organisation_changes_the_decision_by_data_alone(
    tmp_path: Path, change: str, answers: dict[str, object], usual: str | None, changed: str | None
) -> None:
    rules = layered(tmp_path, change)

    assert tier_under(RULES, **answers) == usual
    assert tier_under(rules, **answers) == changed


def test_layer_keeps_every_key_that_it_does_not_name(tmp_path: Path) -> None:
    rules = layered(tmp_path, "[limits.'lambda.duration']\nat_most = 300\n")

    changed, usual = rules.limits["lambda.duration"], RULES.limits["lambda.duration"]
    assert (changed.value, usual.value) == (300, 900)
    assert (changed.source, changed.unless, changed.text) == (usual.source, usual.unless, usual.text)
    assert rules.limits["lambda.memory"] == RULES.limits["lambda.memory"]


def test_last_layer_wins(tmp_path: Path) -> None:
    rules = layered(
        tmp_path,
        "[assumptions.peak_factor]\nvalue = 20\n[assumptions.db_pool]\nvalue = 50\n",
        "[assumptions.peak_factor]\nvalue = 5\n",
    )

    assert (rules.number("peak_factor"), rules.number("db_pool")) == (5, 50)


def test_limit_may_change_its_kind_of_bound(tmp_path: Path) -> None:
    rules = layered(tmp_path, "[limits.'fargate.latency']\nat_most = 50\n")

    assert rules.limits["fargate.latency"].operator == "at_most"


def test_organisation_rewords_a_sentence(tmp_path: Path) -> None:
    rules = layered(tmp_path, "[warnings.vpc]\ntext = 'Ask the network team first'\n")
    answers = workload.parse({"trigger": "http", "vpc": True}, rules)

    warnings = decision.decide(answers, rules, PRICES, TEMPLATES).warnings
    assert [warning.text for warning in warnings if warning.id == "vpc"] == ["Ask the network team first"]


def test_assumption_may_be_zero_where_that_makes_sense(tmp_path: Path) -> None:
    rules = layered(tmp_path, "[assumptions.lambda_alarms]\nvalue = 0\n")

    assert rules.number("lambda_alarms") == 0


def test_organisation_adds_a_warning_of_its_own(tmp_path: Path) -> None:
    rules = layered(
        tmp_path,
        "[warnings.house]\nseverity = 'info'\nwhen = { vcpu = { above = 2 } }\ntext = 'Ask first: {vcpu}'\n",
    )

    decided = decision.decide(
        workload.parse({"trigger": "event", "vcpu": 3}, rules), rules, PRICES, TEMPLATES
    )
    assert [warning.text for warning in decided.warnings if warning.id == "house"] == ["Ask first: 3 vCPU"]


INCONSISTENT = {
    "unknown table": ("[limit.x]\n", "", "limit", "did you mean 'limits'"),
    "unknown top-level key": ("versoin = '1'\n", "", "versoin", "did you mean 'version'"),
    "unknown fact": ("[facts.triger]\nstep = 1\n", "facts", "triger", "did you mean 'trigger'"),
    "unknown setting": (
        "[settings]\nwebsockets = 'x'\n",
        "settings",
        "websockets",
        "did you mean 'websocket'",
    ),
    "unknown assumption": ("[assumptions.peek]\nvalue = 1\n", "assumptions", "peek", "unknown key"),
    "unknown tier table": ("[tiers.lamda]\nlabel = 'x'\n", "tiers", "lamda", "did you mean 'lambda'"),
    "setting with no such value": (
        "[settings]\nwebsocket = 'managed'\n",
        "settings",
        "websocket",
        "did you mean 'managed-first'",
    ),
    "unknown key of a limit": (
        "[limits.'lambda.memory']\nat_mots = 1\n",
        "limits.'lambda.memory'",
        "at_mots",
        "unknown key",
    ),
    "text for a number": (
        "[limits.'lambda.memory']\nat_most = 'ten'\n",
        "limits.'lambda.memory'",
        "at_most",
        "neither a number, a limit nor an assumption",
    ),
    "true for a number": (
        "[assumptions.peak_factor]\nvalue = true\n",
        "assumptions.peak_factor",
        "value",
        "expected a number",
    ),
    "not a number": (
        "[assumptions.peak_factor]\nvalue = nan\n",
        "assumptions.peak_factor",
        "value",
        "number",
    ),
    "infinity": ("[assumptions.peak_factor]\nvalue = inf\n", "assumptions.peak_factor", "value", "number"),
    "number for a text": ("[facts.state]\nprompt = 5\n", "facts.state", "prompt", "expected text"),
    "no text at all": ("[facts.state]\nprompt = ''\n", "facts.state", "prompt", "expected text"),
    "text for a flag": ("[facts.p99_ms]\nexpert = 'yes'\n", "facts.p99_ms", "expert", "true or false"),
    "text for a date": ("as_of = '2026-11-23'\n", "", "as_of", "expected a date"),
    "time for a date": ("as_of = 2026-11-23T10:00:00\n", "", "as_of", "expected a date"),
    "number for a table": ("[facts]\nstate = 1\n", "facts.state", "", "expected a table"),
    "table for a list": ("reasons = { a = 1 }\n", "", "reasons", "expected a list"),
    "new limit without source": (
        "[limits.'house.x']\ntiers = ['ec2']\nfact = 'vcpu'\nat_most = 1\ntext = 'x'\nchecked = 2026-11-23\n",
        "limits.'house.x'",
        "source",
        "is missing",
    ),
    "new limit without date": (
        "[limits.'house.x']\ntiers = ['ec2']\nfact = 'vcpu'\nat_most = 1\ntext = 'x'\nsource = 'https://a.b/c'\n",
        "limits.'house.x'",
        "checked",
        "is missing",
    ),
    "source that is no page": (
        "[limits.'lambda.memory']\nsource = 'the wiki'\n",
        "limits.'lambda.memory'",
        "source",
        "https://",
    ),
    "limit of a fact that does not exist": (
        "[limits.'lambda.memory']\nfact = 'memory'\n",
        "limits.'lambda.memory'",
        "fact",
        "did you mean 'memory_mb'",
    ),
    "limit of a tier that does not exist": (
        "[limits.'lambda.memory']\ntiers = ['lambdas']\n",
        "limits.'lambda.memory'",
        "tiers",
        "did you mean 'lambda'",
    ),
    "number as the bound of a choice": (
        "[limits.'lambda.state']\nat_most = 3\n",
        "limits.'lambda.state'",
        "at_most",
        "none_of",
    ),
    "forbidden answer that does not exist": (
        "[limits.'lambda.state']\nnone_of = ['requird']\n",
        "limits.'lambda.state'",
        "none_of",
        "did you mean 'required'",
    ),
    "two bounds in one limit": (
        "[limits.'lambda.memory']\nat_most = 1\nat_least = 1\n",
        "limits.'lambda.memory'",
        "",
        "exactly one of",
    ),
    "unknown confidence": (
        "[limits.'lambda.memory']\nconfidence = 'sure'\n",
        "limits.'lambda.memory'",
        "confidence",
        "none of verified",
    ),
    "size limit of another kind": (
        "[limits.'lambda.memory']\nat_least = 512\n",
        "limits.'lambda.memory'",
        "at_least",
        "sizes need this limit as at_most",
    ),
    "assumption of zero": (
        "[assumptions.utilisation_target]\nvalue = 0\n",
        "assumptions.utilisation_target",
        "value",
        "too small",
    ),
    "negative assumption": (
        "[assumptions.lambda_alarms]\nvalue = -1\n",
        "assumptions.lambda_alarms",
        "value",
        "too small",
    ),
    "curve that ends before it begins": (
        "[assumptions.curve_to]\nvalue = 10\n",
        "assumptions.curve_to",
        "value",
        "not above curve_from",
    ),
    "new warning that never applies": (
        "[warnings.house]\nseverity = 'info'\ntext = 'Mind the house'\n",
        "warnings.house",
        "when",
        "is missing",
    ),
    "sizes that do not ascend": (
        "[fargate]\nsizes = [{ vcpu = 1, memory_mib = [2048] }, { vcpu = 0.5, memory_mib = [4096] }]\n",
        "fargate",
        "sizes",
        "must ascend",
    ),
    "memory that does not ascend": (
        "[fargate]\nsizes = [{ vcpu = 1, memory_mib = [4096, 2048] }]\n",
        "fargate.sizes",
        "memory_mib",
        "must ascend",
    ),
    "memory in no steps": (
        "[fargate]\nsizes = [{ vcpu = 1, from = 1024, to = 2048, step = 0 }]\n",
        "fargate.sizes",
        "memory_mib",
        "must ascend",
    ),
    "no sizes": ("[fargate]\nsizes = []\n", "fargate", "sizes", "is empty"),
    "Windows size that does not exist": (
        "[fargate]\nwindows_vcpu = [3]\n",
        "fargate",
        "windows_vcpu",
        "no row",
    ),
    "limit above the size table": (
        "[limits.'fargate.vcpu']\nat_most = 64\n",
        "limits.'fargate.vcpu'",
        "at_most",
        "largest in [fargate] sizes",
    ),
    "limit above the Windows sizes": (
        "[limits.'fargate.windows_memory']\nat_most = 40_000\n",
        "limits.'fargate.windows_memory'",
        "at_most",
        "largest in [fargate] sizes",
    ),
    "default outside the range": (
        "[facts.memory_mb]\ndefault = 0\n",
        "facts.memory_mb",
        "default",
        "too small",
    ),
    "default outside the choices": (
        "[facts.state]\ndefault = 'some'\n",
        "facts.state",
        "default",
        "not one of the choices",
    ),
    "default of another kind": (
        "[facts.wake_ok]\ndefault = 3\n",
        "facts.wake_ok",
        "default",
        "neither yes nor no",
    ),
    "conditional default outside the choices": (
        "[facts.architecture]\ndefaults = [{ when = { trigger = 'http' }, value = 'mips' }]\n",
        "facts.architecture",
        "defaults",
        "not one of the choices",
    ),
    "range upside down": (
        "[facts.memory_mb]\nmaximum = 0\n",
        "facts.memory_mb",
        "maximum",
        "not above the smallest answer",
    ),
    "unknown kind": ("[facts.state]\nkind = 'enum'\n", "facts.state", "kind", "none of choice"),
    "choice without choices": ("[facts.state]\nchoices = {}\n", "facts.state", "choices", "is empty"),
    "choice without text": (
        "[facts.state]\nchoices = { none = 1 }\n",
        "facts.state",
        "choices",
        "expected text",
    ),
    "condition on a fact that does not exist": (
        "[warnings.vpc]\nwhen = { vpcs = true }\n",
        "warnings.vpc",
        "when",
        "did you mean 'vpc'",
    ),
    "condition on an answer that does not exist": (
        "[warnings.vpc]\nwhen = { trigger = 'htpt' }\n",
        "warnings.vpc",
        "when",
        "did you mean 'http'",
    ),
    "condition on a tier that does not exist": (
        "[warnings.vpc]\nwhen = { tier = 'fargate' }\n",
        "warnings.vpc",
        "when",
        "unknown tier",
    ),
    "comparison of a choice": (
        "[warnings.vpc]\nwhen = { trigger = { above = 3 } }\n",
        "warnings.vpc",
        "when",
        "is not a number",
    ),
    "unknown comparison": (
        "[warnings.vpc]\nwhen = { vcpu = { over = 3 } }\n",
        "warnings.vpc",
        "when",
        "expected tests among",
    ),
    "comparison with a limit that does not exist": (
        "[warnings.vpc]\nwhen = { vcpu = { above = 'lambda.cpu' } }\n",
        "warnings.vpc",
        "when",
        "neither a number, a limit nor an assumption",
    ),
    "condition that is no table": (
        "[warnings.vpc]\nwhen = 'always'\n",
        "warnings.vpc",
        "when",
        "a condition such as",
    ),
    "alternatives that are no list": (
        "[warnings.vpc]\nwhen = { any = 1 }\n",
        "warnings.vpc",
        "when",
        "`any` expects",
    ),
    "sentence about a figure that does not exist": (
        "[warnings.vpc]\ntext = 'It costs {cost_eur}'\n",
        "warnings.vpc",
        "text",
        "names 'cost_eur', which does not exist; did you mean 'cost_usd'",
    ),
    "limit sentence about a figure that does not exist": (
        "[limits.'lambda.memory']\nrelief = 'it fits in {bond}'\n",
        "limits.'lambda.memory'",
        "relief",
        "names 'bond'",
    ),
    "unknown severity": ("[warnings.vpc]\nseverity = 'loud'\n", "warnings.vpc", "severity", "none of info"),
    "tier without a variant for the rest": (
        "variants = [{ tier = 'lambda', name = 'function', text = 'a function' }]\n",
        "variants",
        "when",
        "no row without a condition for tier 'fargate-task'",
    ),
    "variant of a tier that does not exist": (
        "variants = [{ tier = 'lamda', name = 'function', text = 'a function' }]\n",
        "variants",
        "tier",
        "did you mean 'lambda'",
    ),
}


@pytest.mark.parametrize(("text", "table", "key", "problem"), INCONSISTENT.values(), ids=INCONSISTENT.keys())
def test_inconsistent_file_is_refused_with_file_table_and_key(
    tmp_path: Path, text: str, table: str, key: str, problem: str
) -> None:
    with pytest.raises(PolicyFileError) as caught:
        layered(tmp_path, text)

    assert (caught.value.table, caught.value.key) == (table, key)
    assert problem in caught.value.problem
    assert caught.value.source == "house-1.toml"
    assert "house-1.toml" in caught.value.message


def test_error_names_the_file_that_brought_the_key(tmp_path: Path) -> None:
    with pytest.raises(PolicyFileError) as caught:
        layered(tmp_path, "[facts.memory_mb]\ndefault = 0\n", "[facts.vcpu]\ndefault = 2\n")

    assert caught.value.source == "house-1.toml"


def test_bound_that_is_no_number_is_refused_where_it_stands(tmp_path: Path) -> None:
    with pytest.raises(PolicyFileError) as raised:
        layered(tmp_path, "[limits.'lambda.duration']\nat_most = 'long'\n")

    error = raised.value
    assert (error.source, error.table, error.key) == ("house-1.toml", "limits.'lambda.duration'", "at_most")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"[facts", "is not TOML", id="broken TOML"),
        pytest.param(b"a = 1\na = 2\n", "is not TOML", id="a key twice"),
        pytest.param(b"version = '\xff'\n", "is not UTF-8", id="not UTF-8"),
        pytest.param(b"a = " + b"[" * 5_000, "is not TOML", id="nested too deeply"),
    ],
)
def test_unreadable_file_is_refused_by_name(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "broken.toml"
    file.write_bytes(content)

    with pytest.raises(PolicyFileError, match=r"broken\.toml") as caught:
        policy.load(file)

    assert problem in caught.value.problem


def test_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(PolicyFileError, match=r"nowhere\.toml.*cannot be read"):
        policy.load(tmp_path / "nowhere.toml")


def test_empty_layer_changes_nothing(tmp_path: Path) -> None:
    assert layered(tmp_path, "") == RULES
