"""The pages for people: one module for each resource, templates in `templates`, and what is served as it is in `static`.

Read `page` (how one is rendered), `forms` (what is filled in), then `overview`, the example.
"""
