"""Hash partitions, written as SQL: Piccolo knows neither them nor the composite keys they need.

For migrations. A table is set aside under another name and an empty one of the same shape takes its
place; the migration that follows fills it and drops the other, when Piccolo has added its columns.
"""

MODULUS = 16
ASIDE = "_unpartitioned"


def partition(
    table: str, *, by: str = "learner_id", key: str = "id", fillfactor: int = 100
) -> list[str]:
    """Statements that leave `table` empty, in `MODULUS` partitions by hash of `by`, with primary
    key (`by`, `key`) and its checks; rows, uniques and indexes stay at `table` + ASIDE.

    `fillfactor` below 100 leaves room in each page for rows that change often (HOT updates).
    """
    return [
        f"ALTER TABLE {table} RENAME TO {table}{ASIDE}",
        f"ALTER INDEX {table}_pkey RENAME TO {table}{ASIDE}_pkey",
        f"CREATE TABLE {table} (LIKE {table}{ASIDE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        f" PARTITION BY HASH ({by})",
        *(
            f"CREATE TABLE {table}_p{number:02} PARTITION OF {table}"
            f" FOR VALUES WITH (MODULUS {MODULUS}, REMAINDER {number})"
            f" WITH (fillfactor = {fillfactor})"
            for number in range(MODULUS)
        ),
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY"
        f" ({by if key == by else f'{by}, {key}'})",
    ]
