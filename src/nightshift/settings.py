"""Settings: environment, .env and nightshift.yaml → frozen values."""
