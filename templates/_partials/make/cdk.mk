# One version, and only when something is deployed. 3.0.0 is no newer one: it cannot read what the library writes.
CDK := $(UV) run npx --yes aws-cdk@2.1148.1
