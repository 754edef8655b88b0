"""What the deployment scripts share: build, roles, checks. Owns no key and sends no transaction."""
