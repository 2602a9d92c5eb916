"""The whole program over real HTTP, once on SQLite and memory, once on PostgreSQL and RabbitMQ: two URLs are the difference."""
