                iam.PolicyStatement(
                    actions=["dynamodb:PutItem", {% if aws_client != "lean" %}"dynamodb:GetItem", {% endif %}"dynamodb:UpdateItem", "dynamodb:DeleteItem"],
                    resources=[table.table_arn],
                ),
