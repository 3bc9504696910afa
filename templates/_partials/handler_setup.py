SERVICE = "{{ project_name }}"

settings = Settings.from_environment(os.environ)
logger = Logger(service=SERVICE, environment=settings.environment)
metrics = Metrics(namespace=SERVICE, service=SERVICE)
metrics.set_default_dimensions(environment=settings.environment)
