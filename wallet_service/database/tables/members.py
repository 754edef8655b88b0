"""Members, their devices, tills and the keys that seal what is personal.

No clear personal data in any column but what a professional writes for everybody.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    false,
    true,
)

from wallet_service.database.tables.base import (
    RowNumber,
    address,
    identifier,
    metadata,
    moment,
    state_check,
)

MEMBER_KINDS = ("resident", "merchant", "association", "treasury")
MEMBER_TIERS = ("none", "visitor", "declared", "verified", "professional")
MEMBER_STATES = ("pending", "active", "closed")
DEVICE_STATES = ("pending", "active", "revoked")  # pending until the chain knows the signer
TILL_STATES = ("active", "revoked")
MOVE_STATES = ("open", "joined", "done", "ended")

members = Table(
    "members",
    metadata,
    identifier(primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("tier", String(16), nullable=False),  # as the chain last said; the wish lives in chain_commands
    Column("state", String(16), nullable=False),  # pending until the chain has enrolled the account
    address("account_address", nullable=False, unique=True),
    Column("sector", String(8), nullable=True),  # NAF division ("10", "47", "56"), professionals only
    Column("commune_code", String(5), nullable=True),  # INSEE code, professionals only
    Column("public_name", String(120), nullable=True),  # a trade name; never a private person's name
    Column("public_description", String(200), nullable=True),
    Column("sealed_identity", LargeBinary, nullable=True),  # name, birth date ... under the person's own key
    Column("language", String(2), nullable=False),
    Column("identity_expires_on_day", Integer, nullable=True),  # days since 1970-01-01, as on chain
    Column("frozen_incoming", Boolean, nullable=False, server_default=false()),
    Column("frozen_outgoing", Boolean, nullable=False, server_default=false()),
    moment("created_at_unix_ms", nullable=False),
    moment("enrolled_at_unix_ms", nullable=True),
    Column("terms_version", String(10), nullable=True),  # the day of the terms last accepted
    moment("terms_accepted_at_unix_ms", nullable=True),
    state_check("kind", MEMBER_KINDS),
    state_check("tier", MEMBER_TIERS),
    state_check("state", MEMBER_STATES),
    Index("ix_members_kind_commune_code", "kind", "commune_code"),
)

#: One data key per member, wrapped by the master key. Erasing a person = destroying this row's wrapped key.
person_keys = Table(
    "person_keys",
    metadata,
    Column("member_id", String(32), ForeignKey("members.id"), primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=True),
    moment("created_at_unix_ms", nullable=False),
    moment("destroyed_at_unix_ms", nullable=True),
)

devices = Table(
    "devices",
    metadata,
    identifier(primary_key=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    address("signer_address", nullable=False, unique=True),
    Column("key_kind", String(16), nullable=False),  # p256 | secp256k1 | passkey
    Column("public_key", String(130), nullable=False),  # 0x + x + y
    Column("credential_id", String(400), nullable=True),  # base64url, passkeys only: which one the phone asks
    Column("label", String(60), nullable=False),
    Column("state", String(16), nullable=False),
    moment("created_at_unix_ms", nullable=False),
    moment("last_used_at_unix_ms", nullable=True),  # when it last signed its member in
    state_check("state", DEVICE_STATES),
)

#: A code the issuer gives, after checking who asks, to tie one more device to an account.
device_codes = Table(
    "device_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    moment("expires_at_unix_ms", nullable=False),
    moment("used_at_unix_ms", nullable=True),
    Column("device_id", String(32), nullable=True),
)

cashiers = Table(
    "cashiers",
    metadata,
    identifier(primary_key=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    Column("sealed_name", LargeBinary, nullable=True),  # as the merchant calls them, under the merchant's key
    Column("sealed_pin_hash", LargeBinary, nullable=True),  # argon2id
    Column("failed_tries", Integer, nullable=False),
    moment("paused_until_unix_ms", nullable=True),  # after too many wrong PINs
    moment("created_at_unix_ms", nullable=False),
    moment("removed_at_unix_ms", nullable=True),  # the row stays: sales name it
    CheckConstraint(
        "(removed_at_unix_ms IS NULL) = (sealed_name IS NOT NULL AND sealed_pin_hash IS NOT NULL)",
        name="nothing_of_the_removed",
    ),
)

tills = Table(
    "tills",
    metadata,
    identifier(primary_key=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    Column("label", String(60), nullable=False),
    Column("public_key", String(130), nullable=False),  # P-256; may open sales, never move money
    Column("state", String(16), nullable=False),
    moment("paired_at_unix_ms", nullable=False),
    moment("revoked_at_unix_ms", nullable=True),
    Column("cashier_id", String(32), ForeignKey("cashiers.id"), nullable=True),  # who is at it
    state_check("state", TILL_STATES),
)

pairing_codes = Table(
    "pairing_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    Column("label", String(60), nullable=False),
    moment("created_at_unix_ms", nullable=False),
    moment("expires_at_unix_ms", nullable=False),
    moment("used_at_unix_ms", nullable=True),
    Column("till_id", String(32), nullable=True),
)

#: Nonces of tills' signed requests, kept while the request's time would still be believed: none is
#: answered twice.
till_nonces = Table(
    "till_nonces",
    metadata,
    Column("till_id", String(32), ForeignKey("tills.id"), primary_key=True),
    Column("nonce", String(64), primary_key=True),
    moment("expires_at_unix_ms", nullable=False, index=True),
)

#: Moves of wallets from one phone to another, while they are under way: one a member.
device_moves = Table(
    "device_moves",
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of a code that only the two phones know
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, unique=True),
    Column("old_public_key", String(130), nullable=False),
    Column("new_public_key", String(130), nullable=True),
    Column("label", String(60), nullable=False),
    Column("state", String(16), nullable=False),
    moment("expires_at_unix_ms", nullable=False),
    state_check("state", MOVE_STATES),
)

#: What professionals show of themselves in the directory: all of it is meant for everybody.
#: One a professional who has written something; who has written nothing is shown as registered.
listings = Table(
    "listings",
    metadata,
    Column("member_id", String(32), ForeignKey("members.id"), primary_key=True),
    Column("card", JSON, nullable=False),  # directory.models.Card
    Column("is_shown", Boolean, nullable=False, server_default=true()),  # the professional's own choice
    Column("picture_digest", String(64), nullable=True),  # SHA-256 of what listing_pictures holds
    moment("changed_at_unix_ms", nullable=False),
    moment("withheld_at_unix_ms", nullable=True),  # an officer took it out of the directory
    Column("withheld_by", String(32), nullable=True),
    Column("withheld_ground", String(300), nullable=True),
    CheckConstraint(
        "(withheld_at_unix_ms IS NULL) = (withheld_ground IS NULL)", name="withheld_with_its_ground"
    ),
)

#: Drawn again in the sandbox; the one a professional shows.
listing_pictures = Table(
    "listing_pictures",
    metadata,
    Column("member_id", String(32), ForeignKey("members.id"), primary_key=True),
    Column("digest", String(64), nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
    moment("uploaded_at_unix_ms", nullable=False),
)

#: What a professional changed: at most one a member waits for an officer, from what was last seen to now.
listing_changes = Table(
    "listing_changes",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    moment("changed_at_unix_ms", nullable=False),
    moment("seen_at_unix_ms", nullable=True),
    Column("seen_by", String(32), nullable=True),
    Column("revision", Integer, nullable=False, server_default="1"),  # what the officer saw is what is marked
    Index("ix_listing_changes_seen_at_unix_ms", "seen_at_unix_ms"),
)
