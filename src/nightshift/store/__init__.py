"""What outlives a process: findings over time and conversations, in SQLite or PostgreSQL.

`database.open_database` gives the door, `findings.FindingStore` and `conversations` write through it. Importing this
package loads no SQLAlchemy; importing its modules does.
"""
