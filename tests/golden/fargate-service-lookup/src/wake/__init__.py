"""What puts the service to sleep and wakes it: a Lambda function of its own, with nothing but the SDK of Lambda."""
