"""What cfn-lint resolves expressions of a template to: JSON in, JSON out, in an environment that has it."""

from __future__ import annotations

import json
import sys

from cfnlint.context import create_context_for_template
from cfnlint.jsonschema import CfnTemplateValidator
from cfnlint.template import Template


def main() -> None:
    asked = json.load(sys.stdin)
    template = Template("template.json", asked["template"], regions=["us-east-1"])
    validator = CfnTemplateValidator(schema={}, context=create_context_for_template(template), cfn=template)
    found = [
        [value for value, _, problem in validator.resolve_value(expression) if problem is None]
        for expression in asked["expressions"]
    ]
    json.dump(found, sys.stdout)


main()
