"""Run by Alembic: one SQLite file, one transaction for each migration."""

from __future__ import annotations

from alembic import context
from sqlalchemy import URL, create_engine

import portal.tables  # noqa: F401  (every table of the portal, known to the metadata by this import)
from portal.store import bind, db

engine = create_engine(URL.create("sqlite", database=str(context.config.attributes["database"])))
bind(engine)
with engine.execution_options(sqlite_begin="IMMEDIATE").connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        transaction_per_migration=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
