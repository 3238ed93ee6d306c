"""Second factors, recovery codes, links for a new password, accounts at other providers; what a sign-in knows.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SIGN_IN_TEXTS = {"network": (45, ""), "means": (10, "password"), "owes": (10, ""), "roles": (16, "")}


def upgrade() -> None:
    op.add_column("people", sa.Column("password_to_change", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("people", sa.Column("language", sa.String(2)))
    for name, (length, default) in SIGN_IN_TEXTS.items():
        op.add_column("sign_ins", sa.Column(name, sa.String(length), nullable=False, server_default=default))
    op.add_column("sign_ins", sa.Column("seen_at", sa.DateTime(timezone=True)))
    op.add_column("sign_ins", sa.Column("proved_at", sa.DateTime(timezone=True)))
    op.create_index("ix_sign_ins_person", "sign_ins", ["county_id", "person_id"])
    op.add_column("api_tokens", sa.Column("used_at", sa.DateTime(timezone=True)))
    _of_person(
        "second_factors",
        sa.Column("secret_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("county_id", "person_id", name="uq_second_factors_county_id_person_id"),
    )
    _of_person(
        "recovery_codes",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint(
            "county_id", "person_id", "code_hash", name="uq_recovery_codes_county_id_person_id_code_hash"
        ),
    )
    _of_person(
        "password_links",
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("secret_hash", name="uq_password_links_secret_hash"),
    )
    op.create_index("ix_password_links_person", "password_links", ["county_id", "person_id"])
    _of_person(
        "identities",
        sa.Column("issuer", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("issuer", "subject", name="uq_identities_issuer_subject"),
    )
    op.create_index("ix_identities_person", "identities", ["county_id", "person_id"])


def downgrade() -> None:
    for table in ("identities", "password_links", "recovery_codes", "second_factors"):
        op.drop_table(table)
    op.drop_column("api_tokens", "used_at")
    op.drop_index("ix_sign_ins_person", table_name="sign_ins")
    for name in (*SIGN_IN_TEXTS, "seen_at", "proved_at"):
        op.drop_column("sign_ins", name)
    for name in ("language", "password_to_change"):
        op.drop_column("people", name)


def _of_person(table: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("county_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("county_id", "id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["county_id", "person_id"],
            ["people.county_id", "people.id"],
            name=f"fk_{table}_county_id_person_id",
        ),
    )
