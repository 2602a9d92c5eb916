"""The JSON API, version 1: one module for each resource. Errors are `application/problem+json`, from the table in `errors`."""
