@idempotent_function(  # type: ignore[untyped-decorator]  # Powertools says Any
    data_keyword_argument="{{ key }}", persistence_store=records, config=once
)
