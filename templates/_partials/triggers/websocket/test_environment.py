VARIABLES = {
    "ENVIRONMENT": "test",
    "TABLE_NAME": "connections",
    "CALLBACK_URL": "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/live",
    "MAX_MESSAGE_BYTES": "{{ websocket_message_bytes }}",
}
