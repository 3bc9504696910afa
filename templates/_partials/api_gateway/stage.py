        apigateway.CfnStage(
            self,
            "Stage",
            api_id=api.api_id,
            stage_name={{ stage }},
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=THROTTLE_PER_SECOND,
                throttling_burst_limit=THROTTLE_PER_SECOND,
            ),
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=group.log_group_arn,
                format=ACCESS_LOG_FORMAT,
            ),
        )
