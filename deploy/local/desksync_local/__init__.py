"""A production set-up on one machine without Docker: private RabbitMQ and PostgreSQL, and every program a process of its own."""
