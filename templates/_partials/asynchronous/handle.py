@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: object, context: LambdaContext) -> object:
    """Do what one event asks for, once; what fails is raised, because whoever called does not wait for an answer."""
    once.register_lambda_context(context)
    outcome = "Failed"
    try:
        answer = _work(event{% if event_source == "mqtt" or overlapping_runs %}, context{% endif %})
        outcome = "Done"
    except IdempotencyAlreadyInProgressError:
        # It was delivered twice, and the first delivery is at work: if that fails, it is tried again itself.
        logger.info("already at work")
        answer, outcome = None, "Skipped"
    except RejectedError as rejection:
        logger.warning("rejected", reason=rejection.reason, detail=str(rejection))
        outcome = "Rejected"
        raise
    except Exception:
        logger.exception("failed")
        raise
    finally:
        metrics.add_metric(name=outcome, unit=MetricUnit.Count, value=1)
    return answer
