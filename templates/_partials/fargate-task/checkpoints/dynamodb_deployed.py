    key = {"run_id": {"S": run_id}}
    kept = boto3.client("dynamodb", region_name=region).get_item(TableName=outputs["CheckpointsTable"], Key=key)["Item"]
    assert int(kept["tally"]["M"]["revenue_cents"]["N"]) == domain.tally(7, {{ "share" if event_source == "array" else "range(250)" }}).revenue_cents
