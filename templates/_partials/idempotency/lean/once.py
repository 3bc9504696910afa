@idempotent_function(data_keyword_argument="{{ key }}", persistence_store=records, config=once)
