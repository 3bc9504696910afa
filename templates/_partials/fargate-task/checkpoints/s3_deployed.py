    kept = boto3.client("s3", region_name=region).get_object(
        Bucket=outputs["CheckpointsBucket"],
        Key=f"runs/{run_id}.json",
    )
    assert json.loads(kept["Body"].read())["tally"]["revenue_cents"] == domain.tally(7, {{ "share" if event_source == "array" else "range(250)" }}).revenue_cents
