{% include "templates/_partials/idempotency/statement.py" %}
                iam.PolicyStatement(
                    # Lambda itself sends a call that failed for good, with this role.
                    actions=["sqs:SendMessage"],
                    resources=[letters.queue_arn],
                ),
