"""Who may act: passkeys, sessions, officers; and the identity files officers review, sealed per person."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from wallet_service.database.tables.base import identifier, metadata, moment, state_check

SUBJECT_KINDS = ("member", "officer")
#: A keyholder's session opens nothing but what their key may do of somebody's account.
SESSION_KINDS = (*SUBJECT_KINDS, "keyholder")
SESSION_METHODS = ("creation", "device", "passkey", "code")
CHALLENGE_PURPOSES = ("register", "sign_in", "device_sign_in", "confirm", "confirmed")
IDENTITY_FILE_STATES = ("draft", "submitted", "approved", "refused")
ATTEMPT_STATES = ("begun", "answered", "ended")
#: Papers an officer looked at, and who else says who somebody is (identity.proofs).
PROVIDERS = ("papers", "france_connect", "european_wallet")
ASSURANCE_LEVELS = ("seen", "substantial", "high")

officers = Table(
    "officers",
    metadata,
    identifier(primary_key=True),
    Column("display_name", String(80), nullable=False),
    Column(
        "rights", String(200), nullable=False
    ),  # space-separated: identity treasury compliance pause govern observe
    Column("state", String(16), nullable=False),
    moment("created_at_unix_ms", nullable=False),
    state_check("state", ("active", "revoked")),
)

#: One-time codes that let an officer in for the first time (then a passkey), or, in demo mode, each time.
officer_codes = Table(
    "officer_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("officer_id", String(32), ForeignKey("officers.id"), nullable=False),
    moment("expires_at_unix_ms", nullable=False),
    moment("used_at_unix_ms", nullable=True),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("credential_id", String(400), primary_key=True),  # base64url
    Column("subject_kind", String(16), nullable=False),
    Column("subject_id", String(32), nullable=False),
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("sign_count", Integer, nullable=False),
    Column("browser", String(40), nullable=True),  # where it was made, in two words: "Firefox, Android"
    moment("created_at_unix_ms", nullable=False),
    moment("last_used_at_unix_ms", nullable=True),
    # When it goes, asked for by somebody who could not show it; forgotten when it is used meanwhile.
    moment("removed_at_unix_ms", nullable=True, index=True),
    state_check("subject_kind", SUBJECT_KINDS),
    Index("ix_passkeys_subject_kind_subject_id", "subject_kind", "subject_id"),
)

challenges = Table(
    "challenges",
    metadata,
    Column("challenge", String(100), primary_key=True),  # base64url
    Column("purpose", String(24), nullable=False),
    Column("subject_kind", String(16), nullable=False),
    Column(
        "subject_id", String(64), nullable=True
    ),  # who registers, the signer address of the device that signs in, or the hash of the act to confirm
    moment("expires_at_unix_ms", nullable=False, index=True),
    state_check("purpose", CHALLENGE_PURPOSES),
    state_check("subject_kind", SUBJECT_KINDS),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("subject_kind", String(16), nullable=False),
    Column("subject_id", String(32), nullable=False),
    Column("method", String(16), nullable=False),  # how the person showed who they are
    Column("authenticator", String(400), nullable=True),  # the passkey's id or the device's signer address
    Column("browser", String(40), nullable=True),  # in two words, never the whole user agent
    Column("csrf_token", String(64), nullable=False),
    moment("created_at_unix_ms", nullable=False),
    moment("expires_at_unix_ms", nullable=False),
    moment("last_seen_at_unix_ms", nullable=False),
    state_check("subject_kind", SESSION_KINDS),
    state_check("method", SESSION_METHODS),
    Index("ix_sessions_subject_kind_subject_id", "subject_kind", "subject_id"),
)

identity_files = Table(
    "identity_files",
    metadata,
    identifier(primary_key=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("sealed_declaration", LargeBinary, nullable=True),  # JSON under the person's key
    moment("created_at_unix_ms", nullable=False),
    moment("submitted_at_unix_ms", nullable=True),
    moment("decided_at_unix_ms", nullable=True),
    Column("copied_by", String(32), nullable=True),  # the officer who copied its papers at the desk
    Column("decided_by", String(32), nullable=True),
    Column("decision_reason", String(300), nullable=True),
    state_check("state", IDENTITY_FILE_STATES),
    Index("ix_identity_files_state_submitted_at_unix_ms", "state", "submitted_at_unix_ms"),
)

identity_documents = Table(
    "identity_documents",
    metadata,
    identifier(primary_key=True),
    Column("identity_file_id", String(32), ForeignKey("identity_files.id"), nullable=False, index=True),
    Column("media_type", String(40), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sealed_content", LargeBinary, nullable=False),
    moment("uploaded_at_unix_ms", nullable=False),
)

#: How a member's identity was proved last: one row each. The marks say that two accounts are one person's,
#: and nothing of that person (HMAC under a key of the service's own).
identity_proofs = Table(
    "identity_proofs",
    metadata,
    Column("member_id", String(32), ForeignKey("members.id"), primary_key=True),
    Column("provider", String(24), nullable=False),
    Column("level", String(16), nullable=False),
    Column("subject_mark", String(64), nullable=True, unique=True),  # of the provider's name for the person
    Column("person_mark", String(64), nullable=True, unique=True),  # of first name, name and birth date
    moment("proved_at_unix_ms", nullable=False),
    state_check("provider", PROVIDERS),
    state_check("level", ASSURANCE_LEVELS),
)

#: Somebody who was sent to a provider and is to come back, within minutes and once.
identity_attempts = Table(
    "identity_attempts",
    metadata,
    identifier(primary_key=True),
    Column("member_id", String(32), ForeignKey("members.id"), nullable=False, index=True),
    Column("provider", String(24), nullable=False),
    Column("state", String(16), nullable=False),
    Column("handle_hash", String(64), nullable=False, unique=True),  # of what the answer names it by
    Column("browser_hash", String(64), nullable=False),  # of the cookie of the browser that began
    Column("sealed_secrets", LargeBinary, nullable=True),  # JSON under the person's key: nonce, verifier
    Column("sealed_answer", LargeBinary, nullable=True),  # JSON under the person's key, until it is judged
    moment("begun_at_unix_ms", nullable=False),
    moment("expires_at_unix_ms", nullable=False, index=True),
    state_check("provider", PROVIDERS),
    state_check("state", ATTEMPT_STATES),
)
