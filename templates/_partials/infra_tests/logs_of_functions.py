def test_every_function_logs_to_a_group_of_this_template(stack: Stack) -> None:
    groups = {Reference(group.logical_id) for group in stack.of_type("AWS::Logs::LogGroup")}

    elsewhere = [
        function.logical_id
        for function in stack.of_type("AWS::Lambda::Function")
        if function.properties.get("LoggingConfig", {}).get("LogGroup") not in groups
    ]

    assert not elsewhere, f"Lambda makes a log group without end for {elsewhere}: set LoggingConfig.LogGroup"


def test_every_stage_writes_access_logs(stack: Stack) -> None:
    groups = {Reference(group.logical_id, "Arn") for group in stack.of_type("AWS::Logs::LogGroup")}

    silent = [
        stage.logical_id
        for stage in stack.of_type("AWS::ApiGatewayV2::Stage")
        if stage.properties.get("AccessLogSettings", {}).get("DestinationArn") not in groups
    ]

    assert not silent, f"{silent} write no access logs to a group of this template: set AccessLogSettings"
