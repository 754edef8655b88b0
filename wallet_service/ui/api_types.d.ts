// Written by `.venv/bin/python -m scripts.docs.api_types` from the models; do not edit. A test fails
// when it is out of date.

/** Everything that opens the account, or pays for it, and is not revoked. */
export interface AccessAnswer {
  /** Last used first. */
  sessions: SessionInUse[];
  /** Oldest first. */
  passkeys: PasskeyInUse[];
  /** Oldest first. */
  devices: DeviceAnswer[];
}

/** What an account holds and what of it can be spent. */
export interface AccountBalance {
  /** Integer euro cents in final blocks of the ledger. */
  posted_cents: number;
  /** Integer euro cents held for accepted payments and redemptions under way. */
  reserved_cents: number;
  /** Integer euro cents that are here and cannot be spent: of credits that the bank took back, only to be given back; of payments that are contested, until that is decided. */
  held_back_cents: number;
  /** Integer euro cents of those held back: for contested payments. */
  disputed_cents: number;
  /** Integer euro cents: posted less reserved and held back. Below 0 when the ledger moved money that was already reserved (a forced transfer, a payment somebody else relayed). */
  available_cents: number;
}

/** The ledger's limits of a tier (CMF L525-6 and R561-16-1); 0 means no limit. */
export interface AccountLimits {
  /** Integer euro cents an account may hold. */
  max_balance_cents: number;
  /** Integer euro cents of one payment. */
  max_payment_cents: number;
  /** Integer euro cents spent in one day, UTC as on the ledger. */
  max_day_cents: number;
  /** Integer euro cents spent in the last thirty days. */
  max_30_days_cents: number;
}

/** The account's word for a further key: `SignerAddition` (EIP-712) without limits, by one that signs. */
export interface AdditionBody {
  /** Seconds since 1970-01-01 UTC; the ledger refuses the message from then on. */
  valid_before_unix_s: number;
  /** Decimal: any number the account never used, at random. */
  nonce: string;
  /** The signature envelope of docs/protocol.md, 0x hex: a key's or a passkey's signature. */
  signature: string;
}

/** The words were the same on both phones. */
export interface ApproveBody {
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  new_public_key: string;
  addition: AdditionBody;
}

/** An ask or a send, once per `client_reference`. A send has one part, which its creator pays. */
export interface AskBody {
  /** 32 random bytes, 0x hex, made before the first attempt. */
  client_reference: string;
  kind: AskKind;
  message?: string | null;
  parts: PartBody[];
}

export type AskKind = "ask" | "send";

/** A refund request as the merchant's wallet needs it: whom to pay back, which sale, which till asked. */
export interface AskedRefundAnswer {
  id: string;
  sale_id: string;
  /** 32 random bytes, 0x hex, made by the till before its first attempt. */
  client_reference: string;
  /** Integer euro cents; one unit of the currency is 100. */
  amount_cents: number;
  state: RefundRequestState;
  refusal_code: string | null;
  proof_code: string | null;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  requested_at_unix_ms: number;
  /** When it was paid or refused, unix ms. */
  decided_at_unix_ms: number | null;
  /** An account of the ledger, lower-case 0x hex. */
  to_address: string;
  /** The payment that is given back. */
  refund_of_ref: string;
  /** Integer euro cents; one unit of the currency is 100. */
  sale_amount_cents: number;
  /** Personal: the payer's short name, or that it is a visitor. */
  payer_label: string;
  till_label: string | null;
}

/** What waits for the caller's signature, and what they have asked for or sent. Newest first. */
export interface AsksAnswer {
  waiting: SeenPartAnswer[];
  made: OwnAskAnswer[];
}

/** An authenticator's answer to `get`. */
export interface AssertionResponse {
  /** base64url. */
  clientDataJSON: string;
  /** base64url. */
  authenticatorData: string;
  /** base64url. */
  signature: string;
  userHandle?: string | null;
}

/** Where to go now; the answer counts in the browser that began, once, until it expires. */
export interface AttemptAnswer {
  provider: "papers" | "france_connect" | "european_wallet";
  /** To open in this browser, or with a wallet. */
  address: string;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  expires_at_unix_ms: number;
}

/** Which way, and whether a wallet on another device is to answer. */
export interface AttemptBody {
  provider: "france_connect" | "european_wallet";
  is_elsewhere?: boolean;
}

/** An authenticator's answer to `create`. */
export interface AttestationResponse {
  /** base64url. */
  clientDataJSON: string;
  /** base64url. */
  attestationObject: string;
  transports?: string[];
}

/** What the authenticator must be able to do. */
export interface AuthenticatorSelection {
  residentKey: string;
  requireResidentKey: boolean;
  userVerification: string;
}

export interface BlockedPersonAnswer {
  id: string;
  name: string | null;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  created_at_unix_ms: number;
}

export interface Body_add_document_v1_me_identity_documents_post {
  document: string;
}

export interface Body_add_listing_picture_v1_me_listing_picture_post {
  picture: string;
}

export interface Body_show_document_v1_me_disputes__dispute_id__documents_post {
  document: string;
}

export interface Body_show_recovery_document_v1_recoveries_documents_post {
  /** 32 random bytes, base64url, made by the phone. */
  token: string;
  document: string;
}

/** A professional's own card, whole. */
export interface CardBody {
  /** False: not in the directory. */
  is_shown: boolean;
  sells?: string;
  address?: string;
  /** Beside the registered one. */
  trades?: string[];
  /** Monday first. */
  week?: number[][][];
  hours_note?: string;
  ways?: Way[];
  website?: string;
  phone?: string;
  spot?: SpotBody | null;
}

/** Who may be at a till. */
export interface CashierAnswer {
  id: string;
  /** Personal: as the merchant calls them. */
  name: string;
}

/** Names somebody who sells at the merchant's tills. */
export interface CashierBody {
  /** A first name or another word, unique in the shop; 20 characters. */
  name: string;
  /** Digits; kept as a slow hash. */
  pin: string;
}

/** What one cashier sold on a day. */
export interface CashierDayAnswer {
  /** Personal: the cashier's name; null: nobody was named. */
  cashier_label: string | null;
  sales_count: number;
  /** Integer euro cents; one unit of the currency is 100. */
  sales_cents: number;
  /** Integer euro cents; one unit of the currency is 100. */
  tips_cents: number;
}

/**
 * What was taken away when, with the journal's entry that says so.
 *
 * `erased_from_unix_ms`: from when on the person's key is destroyed; in the past when it is already.
 */
export interface CertificateAnswer {
  member_id: string;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  closed_at_unix_ms: number;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  erased_from_unix_ms: number;
  removed: RemovedAnswer[];
  journal_entry: number;
  journal_hash: string;
}

/** The domain of signed messages (EIP-712). */
export interface ChainAnswer {
  chain_id: number;
  /** An account of the ledger, lower-case 0x hex. */
  ledger: string;
  domain_name: string;
  domain_version: string;
}

/** What the device signs, after `alba-sign-in:`; good once and for minutes. */
export interface ChallengeAnswer {
  challenge: string;
}

/** `security` is always told by every way. */
export interface ChoiceBody {
  kind: NoticeKind;
  by_push: boolean;
  by_mail: boolean;
}

/** What keeps the account open; nothing does when it is empty and `open_matters` is. */
export interface ClosingAnswer {
  /** Integer euro cents; one unit of the currency is 100. */
  balance_cents: number;
  open_matters: ("payment" | "top-up" | "redemption" | "refund" | "reversal" | "recovery" | "freeze" | "ledger")[];
  kept_until_unix_ms: number | null;
}

/** `is_understood`: the person has read that nobody brings an account back. */
export interface ClosingBody {
  is_understood: true;
}

/** The currency's own colours, #rrggbb. */
export interface Colours {
  page?: string | null;
  page_dark?: string | null;
  brand?: string | null;
  brand_dark?: string | null;
  brand_fill_dark?: string | null;
}

/** Currency, chain, lifetimes, limits by tier and the server's time. Nothing personal. */
export interface ConfigAnswer {
  currency: CurrencyAnswer;
  environment: "demo" | "test" | "production";
  chain: ChainAnswer;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  server_time_unix_ms: number;
  /** When the last final block that was read was made, unix seconds; null before the first. */
  chain_head_unix_s: number | null;
  /** What the service depends on and is not well now, as `/ready` names it: `chain`, ... */
  parts_away: string[];
  /** Nobody can pay now: an officer has stopped all payments. */
  payments_stopped: boolean;
  /** A duration in seconds. */
  sale_lifetime_s: number;
  /** A duration in seconds. */
  payment_lifetime_s: number;
  /** A duration in seconds. */
  redemption_lifetime_s: number;
  wallet_origin: string;
  till_origin: string;
  /** From then on a wallet without identity is loaded once; null: as its limits allow. */
  visitors_once_from_unix_ms: number | null;
  /** The day of the terms that count now, ISO (`/help/terms`). */
  terms_version: string;
  /** By tier; empty while the ledger's rules are not known. */
  tiers: Record<string, AccountLimits>;
}

export interface ContactAnswer {
  id: string;
  name: string | null;
  is_professional: boolean;
  is_favourite: boolean;
}

/** Contacts, favourites first; recent people, newest first; whom the member hears nothing of. */
export interface ContactBookAnswer {
  contacts: ContactAnswer[];
  recents: RecentPersonAnswer[];
  blocks: BlockedPersonAnswer[];
}

/** Contests a payment, once per payment. */
export interface ContestBody {
  /** The payment's reference. */
  payment_ref: string;
  reason: DisputeReason;
  /** Personal, sealed; the other side reads it. */
  words?: string;
}

/** A credential the authenticator already has. */
export interface CredentialDescriptor {
  /** base64url. */
  id: string;
  type: "public-key";
}

/** A signature algorithm, by its COSE number. */
export interface CredentialParameters {
  type: "public-key";
  alg: number;
}

/** Names, sign and zone, as currency.json has them. */
export interface CurrencyAnswer {
  name: string;
  unit_one: string;
  unit_many: string;
  symbol: string;
  region: string;
  sign: string;
  /** IANA name: the days and times all faces show. */
  time_zone: string;
  colours: Colours;
}

/** A declaration of identity (CMF R561-5); kept sealed under the person's own key. */
export interface DeclarationBody {
  given_name: string;
  family_name: string;
  /** ISO 8601: 1988-02-03. */
  birth_date: string;
  address: string;
  /** Five digits. */
  postal_code: string;
  city: string;
}

/** The declaration as it is kept: the same, its spaces cleaned. */
export interface DeclaredIdentity {
  given_name: string;
  family_name: string;
  /** ISO 8601: 1988-02-03. */
  birth_date: string;
  address: string;
  postal_code: string;
  city: string;
}

export interface DeclineBody {
  word?: string | null;
}

/** A key that signs for the account; `pending` ones do not yet, `revoked` ones no more. */
export interface DeviceAnswer {
  id: string;
  label: string;
  /** An account of the ledger, lower-case 0x hex. */
  signer_address: string;
  key_kind: "p256" | "passkey";
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  public_key: string;
  /** Of a passkey, base64url. */
  credential_id: string | null;
  state: DeviceState;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  created_at_unix_ms: number;
  /** Unix ms of its last sign-in, or of when a session it opened was last seen. */
  last_used_at_unix_ms: number | null;
  /** Until then what this key signs counts for nothing: an officer has suspended it. */
  suspended_until_unix_s: number | null;
}

/** One more device for an account, with the code the issuer gave. */
export interface DeviceBody {
  code: string;
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  public_key: string;
  label?: string;
  /** By that key over `alba-device:`, `code`, `:` and `public_key`; base64url. */
  proof: string;
}

/** Asks for a challenge for a device's key, whether or not the service knows it. */
export interface DeviceChallengeBody {
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  public_key: string;
}

/** A device whose key shall sign. */
export interface DeviceKeyBody {
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  public_key: string;
}

/** A challenge signed by the device's key. */
export interface DeviceSignInBody {
  challenge: string;
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  public_key: string;
  /** Over `alba-sign-in:` and the challenge; base64url. */
  signature: string;
}

export type DeviceState = "pending" | "active" | "revoked";

/** Every key of the account, oldest first. */
export interface DevicesAnswer {
  devices: DeviceAnswer[];
}

/** The whole directory, in one piece: a page keeps it and searches it without the network. */
export interface DirectoryAnswer {
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  made_at_unix_ms: number;
  /** Of the opening hours. */
  time_zone: string;
  groups: GroupAnswer[];
  /** Those that somebody in the directory has. */
  trades: TradeAnswer[];
  /** By name. */
  listings: ListingAnswer[];
}

/** A contested payment, as one member sees it. */
export interface DisputeAnswer {
  id: string;
  /** Null for whoever the money was only passed on to. */
  payment_ref: string | null;
  role: DisputeRole;
  state: DisputeState;
  /** Null for whoever the money was only passed on to. */
  reason: DisputeReason | null;
  /** Null for whoever the money was only passed on to. */
  amount_cents: number | null;
  /** Integer euro cents held now: in all for the payer, of the member's own for others. */
  held_cents: number;
  /** Integer euro cents that came back to the payer. */
  returned_cents: number;
  /** Personal: how the other side is called. */
  other_name: string | null;
  /** Personal: what the payer wrote. */
  words: string | null;
  /** Personal: what the payee answered. */
  answer: string | null;
  /** Whether the payee says that it is to go back. */
  agrees: boolean | null;
  /** Why an officer decided so. */
  ground: string | null;
  /** How many documents the member has shown. */
  own_papers: number;
  may_answer: boolean;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  opened_at_unix_ms: number;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  decide_by_unix_ms: number;
  closed_at_unix_ms: number | null;
}

/** The payee's side, once. */
export interface DisputeAnswerBody {
  /** It is to go back. */
  agrees: boolean;
  /** Personal, sealed; the other side reads it. */
  words?: string;
}

/** Why the payer contests it, as they chose among plain sentences. */
export type DisputeReason = "not_me" | "not_received" | "wrong_amount" | "wrong_payee" | "paid_twice" | "deceived";

/** What a member is to a dispute. holder: disputed money was passed on to them. */
export type DisputeRole = "payer" | "payee" | "holder";

/**
 * open: held, and an officer is to decide. upheld: it is to go back, held until then.
 *
 * returned: all of it is back with the payer. ended: upheld, and no more than came back can be had.
 * dismissed: the payee keeps it. withdrawn: the payer contests it no longer.
 */
export type DisputeState = "open" | "upheld" | "returned" | "ended" | "dismissed" | "withdrawn";

/** A member's disputes, and what bounds new ones. */
export interface DisputesAnswer {
  disputes: DisputeAnswer[];
  /** For so long after it is final a payment may be contested. */
  contest_days: number;
  /** Integer euro cents: smaller sums are not contested. */
  least_cents: number;
}

/** A browser that takes notices, or no longer does. */
export interface EndpointBody {
  /** The address a browser's push service gave (RFC 8030); https and public. */
  endpoint: string;
}

/** A cashier begins at this till. */
export interface EnterBody {
  cashier_id: string;
  /** Digits; kept as a slow hash. */
  pin: string;
}

export interface FavouriteBody {
  is_favourite: boolean;
}

/** One field of a request that breaks a rule; never its value, which may be personal. */
export interface FieldProblem {
  /** The field's path in the body, its parts joined by dots. */
  field: string;
  /** The broken rule, as pydantic names it: `missing`, `greater_than` ... */
  rule: string;
}

/** A group of trades. */
export interface GroupAnswer {
  group: string;
  french: string;
  english: string;
}

/** Somebody else's account, as who holds a limited key to it sees it. */
export interface HeldAccountAnswer {
  keyholder_id: string;
  /** An account of the ledger, lower-case 0x hex. */
  account_address: string;
  /** Personal: the account holder's shown name. */
  holder_name: string | null;
  kind: KeyholderKind;
  limits: KeyLimitsAnswer;
  /** Integer euro cents by this key, since midnight UTC. */
  spent_today_cents: number;
  /** Null: this key has no limit of a day. */
  left_today_cents: number | null;
  /** Integer euro cents: the largest payment that would pass now, whatever bounds it. */
  can_spend_cents: number;
  /** The number the next signed message of this account carries. */
  next_nonce: number;
  payments_stopped: boolean;
  is_frozen: boolean;
  /** This key's own, newest first. */
  payments: KeyPaymentAnswer[];
}

/** All headings, and what is never given. */
export interface HeldAnswer {
  sections: HeldSectionAnswer[];
  left_out: string;
}

/** Rows of one table, newest first, what is sealed opened; a table's columns are what they are there. */
export interface HeldRowsAnswer {
  section: string;
  table: string;
  /** Of all there are; `rows` may have fewer. */
  count: number;
  rows: (Record<string, JsonValue>)[];
}

/** One heading of what is held, in the language of the page. */
export interface HeldSectionAnswer {
  section: string;
  title: string;
  purpose: string;
  kept: string;
  /** Rows. */
  count: number;
}

/** Who pays by a limited key is signed in; both null when nobody is. */
export interface HeldSessionAnswer {
  csrf_token: string | null;
  account: HeldAccountAnswer | null;
}

/** A picture or PDF in the file, by what it really is. */
export interface IdentityDocumentAnswer {
  id: string;
  /** As its content shows: image/jpeg, image/png or application/pdf. */
  media_type: string;
  size_bytes: number;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  uploaded_at_unix_ms: number;
}

/** The member's newest file; `none` when nothing was declared. */
export interface IdentityFileAnswer {
  state: "none" | "draft" | "submitted" | "approved" | "refused";
  declaration: DeclaredIdentity | null;
  documents: IdentityDocumentAnswer[];
  /** How the identity was proved last. */
  proof: ProofAnswer | null;
  /** What the officer wrote. */
  decision_reason: string | null;
  submitted_at_unix_ms: number | null;
  decided_at_unix_ms: number | null;
}

/** Whom the holder lets pay, how they call them, and within what. */
export interface InvitationBody {
  /** SHA-256 of `alba-keyholder:` and the code the two phones know. */
  invitation: string;
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  public_key: string;
  /** By that key of the account over `alba-keyholder:open:` and `invitation`; base64url. */
  proof: string;
  kind: KeyholderKind;
  /** Personal; only the holder sees it. */
  name: string;
  limits: KeyLimitsBody;
}

/** The phone that is to pay. */
export interface InvitationJoinBody {
  /** SHA-256 of `alba-keyholder:` and the code the two phones know. */
  invitation: string;
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  public_key: string;
  label?: string;
  /** By that key over `alba-keyholder:join:`, `invitation`, `:`, `public_key`; base64url. */
  proof: string;
}

/** The phone that is moved to. */
export interface JoinBody {
  /** SHA-256 of `alba-move:` and the code the two phones know. */
  id: string;
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  public_key: string;
  label?: string;
  /** By that key over `alba-move:join:`, `id`, `:`, `public_key`. */
  proof: string;
}

export type JsonValue = unknown;

/** 0 is no such limit. */
export interface KeyLimitsAnswer {
  /** Integer euro cents; one unit of the currency is 100. */
  per_payment_cents: number;
  /** Integer euro cents of one day, UTC as on the ledger. */
  per_day_cents: number;
  /** Unix seconds; 0: without an end. */
  expires_at_unix_s: number;
}

/** What a key may: not all three are 0, but for a joint holder's. */
export interface KeyLimitsBody {
  /** Integer euro cents; 0: no such limit. */
  per_payment_cents: number;
  /** Integer euro cents; 0: no such limit. */
  per_day_cents: number;
  /** Unix seconds; 0: without an end. */
  expires_at_unix_s: number;
}

/** What a key paid. */
export interface KeyPaymentAnswer {
  /** 32 bytes, lower-case 0x hex. */
  ref: string;
  /** Integer euro cents; one unit of the currency is 100. */
  amount_cents: number;
  state: "confirming" | "paid" | "refused";
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  at_unix_ms: number;
  /** Personal: the payee's shown name. */
  payee_name: string | null;
  /** Five digits of keccak256(ref) that two people compare aloud. */
  proof_code: string;
  refusal_code: string | null;
}

/** Somebody with a key to the account, or an invitation, as the account's holder sees it. */
export interface KeyholderAnswer {
  id: string;
  kind: KeyholderKind;
  state: KeyholderState;
  /** Personal: as the holder calls them. */
  name: string | null;
  limits: KeyLimitsAnswer;
  /** Names it while it is one; worthless afterwards. */
  invitation: string;
  /** The other phone's key once it has answered, 0x hex. */
  public_key: string | null;
  /** The key as the ledger names it. */
  signer_address: string | null;
  /** The other phone's browser, in words. */
  label: string;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  invitation_ends_at_unix_ms: number;
  added_at_unix_ms: number | null;
  ended_at_unix_ms: number | null;
  ended_by: "holder" | "self" | "time" | "recovery" | "closing" | "ledger" | null;
  /** Integer euro cents, since midnight UTC. */
  spent_today_cents: number;
  last_payment: KeyPaymentAnswer | null;
  /** Of the last refusal the holder was told of. */
  refused_at_unix_ms: number | null;
  refused_code: string | null;
  refused_cents: number | null;
}

/** The words were the same on both phones; `addition` is signed with the limits of the invitation. */
export interface KeyholderApproveBody {
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  public_key: string;
  addition: AdditionBody;
}

/** A joint holder has all of the account's power; the others pay within limits and do nothing else. */
export type KeyholderKind = "child" | "helper" | "joint";

/** Other limits for a key, signed for as a new one's are. */
export interface KeyholderLimitsBody {
  limits: KeyLimitsBody;
  addition: AdditionBody;
}

/** The transitions are in `decisions`. */
export type KeyholderState = "invited" | "joined" | "adding" | "active" | "ended";

/** Everybody who could ever pay with the account, oldest first. */
export interface KeyholdersAnswer {
  keyholders: KeyholderAnswer[];
}

export type Kind = "resident" | "merchant" | "association" | "treasury";

/** A professional in the directory. */
export interface ListingAnswer {
  id: string;
  /** The professional's page. */
  path: string;
  name: string;
  /** merchant, association or treasury. */
  kind: string;
  /** What they do, the main trade first. */
  trades: string[];
  sells: string;
  /** INSEE code. */
  commune_code: string;
  commune: string;
  address: string;
  latitude_e5: number | null;
  longitude_e5: number | null;
  /** False: the middle of the commune. */
  is_exact: boolean;
  /** All days empty: not said. */
  week: number[][][];
  hours_note: string;
  ways: Way[];
  website: string;
  phone: string;
  /** Path of a JPEG, 800 by 600. */
  picture: string | null;
}

/** How the member loads, beside single transfers. */
export interface LoadingAnswer {
  /** Null: none is followed. */
  standing_order: StandingOrderAnswer | null;
  /** Integer euro cents: below this balance the wallet offers to load; null: never. */
  low_balance_cents: number | null;
}

/** Below this balance the wallet offers to load. */
export interface LowBalanceBody {
  /** Integer euro cents, more than 0. */
  below_cents: number;
}

/** Where to send a code. */
export interface MailBody {
  address: string;
  /** ISO 639-1. */
  language: string;
}

/** What stood in the mail. */
export interface MailCodeBody {
  code: string;
}

/** A member as they see themselves, without what is sealed and without what the ledger counts. */
export interface MemberAnswer {
  id: string;
  kind: Kind;
  /** What the ledger allows this account; `none` until it knows the account. */
  tier: Tier;
  /** `pending` until the ledger has enrolled the account. */
  state: MemberState;
  /** An account of the ledger, lower-case 0x hex. */
  account_address: string;
  /** A professional's name, which anybody may see. */
  public_name: string | null;
  public_description: string | null;
  /** The code of a trade, of the list the ledger knows. */
  sector: string | null;
  /** The INSEE code of a commune (COG). */
  commune_code: string | null;
  /** ISO 639-1. */
  language: string;
  /** Days since 1970-01-01 UTC; from that day on the identity must be shown again. */
  identity_expires_on_day: number | null;
  /** Nobody can pay this account. */
  frozen_incoming: boolean;
  /** This account can pay nobody. */
  frozen_outgoing: boolean;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  created_at_unix_ms: number;
}

export type MemberState = "pending" | "active" | "closed";

/** Both keys, from which and the code the words are made. Nobody's name, and no account. */
export interface MoveAnswer {
  state: "open" | "joined" | "done";
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  old_public_key: string;
  new_public_key: string | null;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  expires_at_unix_ms: number;
}

/** The phone that is left. */
export interface MoveBody {
  /** SHA-256 of `alba-move:` and the code the two phones know. */
  id: string;
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  public_key: string;
  /** By that key over `alba-move:open:` and `id`; base64url. */
  proof: string;
}

/** One line of a member's history; what never reached a payee is not in the payee's. */
export interface MovementAnswer {
  /** 32 bytes, lower-case 0x hex. */
  ref: string;
  kind: "payment_out" | "payment_in" | "refund_out" | "refund_in" | "topup" | "redemption";
  /** Integer euro cents; negative when money leaves the member's account. */
  amount_cents: number;
  /** Personal: the other's shown name. */
  counterparty_name: string | null;
  state: "confirming" | "paid" | "refused" | "returned";
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  at_unix_ms: number;
  sale_id: string | null;
  /** What the till wrote of the sale. */
  label: string | null;
  /** Integer euro cents of a sale's payment that are a tip. */
  tip_cents: number;
  /** Five digits of keccak256(ref) that two people compare aloud. */
  proof_code: string;
  /** The payment that a refund gives back. */
  refund_of_ref: string | null;
  /** Integer euro cents of this payment that were given back. */
  refunded_cents: number;
  /** What gave back of this payment, oldest first. */
  refund_refs: string[];
  refusal_code: string | null;
  refusal_detail: string | null;
  /** Integer euro cents kept of a redemption. */
  fee_cents: number;
  /** The code of what a top-up waits for. */
  held_reason: string | null;
  /** Personal: what came with a payment between people. */
  message: string | null;
  /** Personal: how the payer calls whom they let pay, where such a key signed it. */
  paid_by_name: string | null;
}

/** Movements that match, newest first; the last millisecond of a page is never cut in two. */
export interface MovementsFoundAnswer {
  movements: MovementAnswer[];
  /** Where to go on (`before`), unix ms; null at the end. */
  next_before: number | null;
}

/** Shown once: only a digest is kept. */
export interface NewRecoveryCodeAnswer {
  code: string;
}

/** The member whose device is signed in from now on. */
export interface NewSessionMember {
  id: string;
  kind: Kind;
  /** What the ledger allows this account; `none` until it knows the account. */
  tier: Tier;
  /** `pending` until the ledger has enrolled the account. */
  state: MemberState;
  /** An account of the ledger, lower-case 0x hex. */
  account_address: string;
  /** A professional's name, which anybody may see. */
  public_name: string | null;
  public_description: string | null;
  /** The code of a trade, of the list the ledger knows. */
  sector: string | null;
  /** The INSEE code of a commune (COG). */
  commune_code: string | null;
  /** ISO 639-1. */
  language: string;
  /** Days since 1970-01-01 UTC; from that day on the identity must be shown again. */
  identity_expires_on_day: number | null;
  /** Nobody can pay this account. */
  frozen_incoming: boolean;
  /** This account can pay nobody. */
  frozen_outgoing: boolean;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  created_at_unix_ms: number;
  /** Goes into `X-CSRF-Token` with every unsafe request. */
  csrf_token: string;
}

/** All that a notice says. What happened is asked for by the page, behind a session. */
export type NoticeKind = "money" | "asked" | "sale" | "refund_asked" | "dispute" | "keyholder" | "bank" | "security" | "waiting";

/** By which ways the recipient is told of each kind. */
export interface NoticeSettingsAnswer {
  ways: WaysAnswer[];
  /** The application server key browsers subscribe with, base64url. */
  push_key: string;
  /** Of a demonstration: the origin that plays the browsers' push service; else empty. */
  push_stand_in: string;
  /** How many browsers take notices for this recipient. */
  endpoint_count: number;
  /** Whether the service sends mail at all. */
  has_mail: boolean;
  /** Personal: the recipient's own. */
  mail_address: string | null;
  is_mail_confirmed: boolean;
}

/** What one way takes, what stays with us, and what it gives. */
export interface OfferAnswer {
  provider: "papers" | "france_connect" | "european_wallet";
  /** given_name, family_name, birth_date, address, document. */
  takes: string[];
  /** What of it is kept, sealed; the rest is thrown away at once. */
  keeps: string[];
  level: "seen" | "substantial" | "high";
  /** The tier rises at once; otherwise an officer decides first. */
  is_immediate: boolean;
  /** Another device may answer, by a code this one shows. */
  can_show_code: boolean;
}

/** The ways offered here, papers always among them. */
export interface OffersAnswer {
  ways: OfferAnswer[];
  /** After the account is closed. */
  kept_years: number;
  /** How long a proof holds. */
  verified_years: number;
}

/** Somebody says they lost the phone, and asks for new keys for this account. */
export interface OpenRecoveryAnswer {
  id: string;
  /** `asked` waits for an officer; from `proposed` on a signature of an old key ends it. */
  state: "asked" | "proposing" | "proposed" | "executing" | "vetoing";
  /** The ledger's, which a veto names. */
  number: number | null;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  asked_at_unix_ms: number;
  /** Unix seconds; from then on the new key may replace all others. */
  executable_at_unix_s: number | null;
}

/** The whole of a member's own account: limits and what is left of them, balance, devices, identity. */
export interface OwnAccountAnswer {
  id: string;
  kind: Kind;
  /** What the ledger allows this account; `none` until it knows the account. */
  tier: Tier;
  /** `pending` until the ledger has enrolled the account. */
  state: MemberState;
  /** An account of the ledger, lower-case 0x hex. */
  account_address: string;
  /** A professional's name, which anybody may see. */
  public_name: string | null;
  public_description: string | null;
  /** The code of a trade, of the list the ledger knows. */
  sector: string | null;
  /** The INSEE code of a commune (COG). */
  commune_code: string | null;
  /** ISO 639-1. */
  language: string;
  /** Days since 1970-01-01 UTC; from that day on the identity must be shown again. */
  identity_expires_on_day: number | null;
  /** Nobody can pay this account. */
  frozen_incoming: boolean;
  /** This account can pay nobody. */
  frozen_outgoing: boolean;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  created_at_unix_ms: number;
  /** Personal: the short name people who are paid see. */
  display_name: string | null;
  /** The member froze the account, and may let it go again. */
  is_own_freeze: boolean;
  /** Those nearest to their end first. */
  open_recoveries: OpenRecoveryAnswer[];
  /** Of the newest identity file; `none` when there is none. */
  identity_state: "none" | "draft" | "submitted" | "approved" | "refused";
  devices: DeviceAnswer[];
  /** base64url ids of the passkeys that sign this member in. */
  passkey_ids: string[];
  passkey_floors: PasskeyThresholds;
  /** Null for a tier without any, and while the ledger's rules are not known. */
  limits: AccountLimits | null;
  /** Null when the member chose none. */
  own_caps: OwnCapsAnswer | null;
  /** Integer euro cents spent or reserved since midnight UTC. */
  spent_today_cents: number;
  /** Integer euro cents spent or converted since midnight UTC: what the day's floor counts. */
  left_today_cents: number;
  /** Integer euro cents, over exactly thirty days. */
  spent_30_days_cents: number;
  /** Nobody can pay now: an officer has stopped all payments. */
  payments_stopped: boolean;
  balance: AccountBalance;
  /** The day of the terms last accepted, ISO; null: none yet. */
  terms_version: string | null;
  /** The number the next signed message of this account carries. */
  next_nonce: number;
}

/** An ask as its creator sees it. */
export interface OwnAskAnswer {
  id: string;
  kind: AskKind;
  message: string | null;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  created_at_unix_ms: number;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  expires_at_unix_ms: number;
  /** Integer euro cents, without parts that are declined or over. */
  total_cents: number;
  /** Integer euro cents; one unit of the currency is 100. */
  paid_cents: number;
  /** Leads each who opens it to a share of their own; null without any. */
  link: string | null;
  parts: OwnPartAnswer[];
}

/** A member's own caps: those of now, and the higher ones that wait a day. */
export interface OwnCapsAnswer {
  now: OwnCapsValues;
  next: OwnCapsValues | null;
  /** When `next` counts, unix ms. */
  next_from_unix_ms: number | null;
}

/** All three, as they shall be. */
export interface OwnCapsBody {
  /** Integer euro cents; 0 means none. */
  per_payment_cents: number;
  /** Integer euro cents; 0 means none. */
  per_day_cents: number;
  /** Integer euro cents; 0 means none. */
  per_30_days_cents: number;
}

/** What a member lets themselves spend; 0 means no cap. */
export interface OwnCapsValues {
  /** Integer euro cents of one payment. */
  per_payment_cents: number;
  /** Integer euro cents spent in one day, UTC. */
  per_day_cents: number;
  /** Integer euro cents spent in the last thirty days. */
  per_30_days_cents: number;
}

/** A professional's card as they see it. */
export interface OwnListingAnswer {
  listing: ListingAnswer;
  is_shown: boolean;
  /** Why an officer took the card out; null: nobody did. */
  withheld_ground: string | null;
  changed_at_unix_ms: number | null;
  /** An officer has yet to look at the last change. */
  is_waiting: boolean;
  /** All there are, for a choice. */
  offered_trades: TradeAnswer[];
}

/** A part as the ask's creator sees it. */
export interface OwnPartAnswer {
  id: string;
  way: PartWay;
  /** Integer euro cents; one unit of the currency is 100. */
  amount_cents: number;
  state: ShownPartState;
  /** Of who pays or receives, once that is known. */
  name: string | null;
  is_professional: boolean;
  /** Personal: as its creator wrote it, while it waits. */
  address: string | null;
  /** Of who declined. */
  word: string | null;
  payment_ref: string | null;
  /** A send whose payee is there: the creator may sign it now. */
  is_to_sign: boolean;
  /** Leads to this part; of a share anybody may pay, the ask's own link is given. */
  link: string;
}

/** A tablet becomes a till of the merchant whose code it has. */
export interface PairBody {
  /** As typed. */
  code: string;
  /** The tablet's own P-256 key, x ‖ y, lower-case 0x hex. */
  public_key: string;
  /** Null: the code's own label. */
  label?: string | null;
}

/** A till as it sees itself. */
export interface PairedTillAnswer {
  till_id: string;
  label: string;
  member: TillMerchant;
}

/** A code for one tablet, shown once. */
export interface PairingCodeAnswer {
  code: string;
  label: string;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  expires_at_unix_ms: number;
}

/** Asks for a code for one tablet. */
export interface PairingCodeBody {
  /** What the till is called; empty: `Caisse`. */
  label?: string;
}

/** What one person is to pay, or to be sent: exactly one of `person`, `address`, `is_link`. */
export interface PartBody {
  /** Integer euro cents, more than 0. */
  amount_cents: number;
  person?: PersonBody | null;
  /** Personal: a telephone number or mail address; sealed, forgotten when it has served. */
  address?: string | null;
  /** Whoever is given the link, once. */
  is_link?: boolean;
}

/** How somebody comes to a part. */
export type PartWay = "member" | "link" | "address";

/** What `navigator.credentials.create` wants (PublicKeyCredentialCreationOptionsJSON). */
export interface PasskeyCreationOptions {
  rp: RelyingPartyEntity;
  user: UserEntity;
  challenge: string;
  pubKeyCredParams: CredentialParameters[];
  /** Milliseconds. */
  timeout: number;
  excludeCredentials: CredentialDescriptor[];
  authenticatorSelection: AuthenticatorSelection;
  attestation: string;
}

/** A passkey that signs the member in. */
export interface PasskeyInUse {
  /** base64url. */
  credential_id: string;
  /** Where it was made (`Firefox, Android`), or empty. */
  browser: string;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  created_at_unix_ms: number;
  /** Unix ms of its last sign-in, or of when a session it opened was last seen. */
  last_used_at_unix_ms: number | null;
  /** When it will be removed, where that was asked for without it; null otherwise. */
  removed_at_unix_ms: number | null;
}

/** It goes by itself then, unless it is used before, or kept. */
export interface PasskeyRemovalAnswer {
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  removed_at_unix_ms: number;
}

/** What `navigator.credentials.get` wants (PublicKeyCredentialRequestOptionsJSON). */
export interface PasskeyRequestOptions {
  challenge: string;
  /** Milliseconds. */
  timeout: number;
  rpId: string;
  allowCredentials: CredentialDescriptor[];
  userVerification: string;
}

/** A passkey's answer, as @simplewebauthn/browser sends it. */
export interface PasskeySignInBody {
  credential: SignInCredential;
}

/** Lets a passkey sign payments, on the word of a key that does. */
export interface PasskeySignerBody {
  /** base64url. */
  credential_id: string;
  addition: AdditionBody;
}

/** Above these amounts only a passkey may sign (the ledger's `setPasskeyFloors`); 0 means never. */
export interface PasskeyThresholds {
  /** Integer euro cents of one payment. */
  per_payment_cents: number;
  /** Integer euro cents spent in one day with the payment, UTC. */
  per_day_cents: number;
}

/** A sale as a payer sees it before paying: who, where, how much, until when. */
export interface PayableSaleAnswer {
  id: string;
  /** Integer euro cents; one unit of the currency is 100. */
  amount_cents: number;
  /** Integer euro cents of `amount_cents` that are a tip. */
  tip_cents: number;
  /** What the till shows beside the QR, to type in another wallet. */
  short_code: string;
  label: string | null;
  state: SaleState;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  expires_at_unix_ms: number;
  /** An account of the ledger, lower-case 0x hex. */
  to_address: string;
  merchant: Shop;
  /** The caller's own payment of it, on its way or paid; null for anybody else. */
  your_payment_ref: string | null;
  /** When that was accepted, unix ms. */
  your_payment_at_unix_ms: number | null;
}

/** What the member shows to be paid. Opaque: whoever is signed in and has it reads a short name. */
export interface PayeeCodeAnswer {
  code: string;
  /** The same as an address, which the QR code says. */
  link: string;
}

/** A payment as its payer and its payee see it, without the other's name. */
export interface PaymentAnswer {
  /** 32 bytes, lower-case 0x hex. */
  ref: string;
  /** `confirming` until the ledger has answered; the other two are the last word. */
  state: "confirming" | "paid" | "refused";
  /** Integer euro cents; one unit of the currency is 100. */
  amount_cents: number;
  /** Five digits of keccak256(ref) that two people compare aloud. */
  proof_code: string;
  sale_id: string | null;
  refusal_code: string | null;
  refusal_detail: string | null;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  accepted_at_unix_ms: number;
  /** When its block was made, unix ms. */
  final_at_unix_ms: number | null;
}

/** A Payment signed by the member's device (EIP-712), and what it is for. */
export interface PaymentBody {
  /** An account of the ledger, 0x hex. */
  from: string;
  /** An account of the ledger, 0x hex. */
  to: string;
  /** Integer euro cents, more than 0. */
  amount_cents: number;
  /** 32 random bytes, 0x hex, made before the first try. */
  ref: string;
  /** Seconds since 1970-01-01 UTC; the ledger refuses the message from then on. */
  valid_before_unix_s: number;
  /** The account's next number, decimal: a text, because it may pass what JSON numbers hold. */
  nonce: string;
  /** The signature envelope of docs/protocol.md, 0x hex: a key's or a passkey's signature. */
  signature: string;
  /** The sale this pays. */
  sale_id?: string | null;
  /** The refund request this answers. */
  refund_request_id?: string | null;
  /** The part of an ask, or the send, this pays. */
  ask_part_id?: string | null;
}

/** Whom that names, as far as another member may see. */
export interface PersonAnswer {
  name: string | null;
  /** A visitor may pay these alone. */
  is_professional: boolean;
  /** When they are a contact already. */
  contact_id: string | null;
}

/** Whom the member means: exactly one of the three. */
export interface PersonBody {
  contact_id?: string | null;
  /** A payment between the two. */
  movement_ref?: string | null;
  /** What the other shows to be paid. */
  code?: string | null;
}

/** Everything that is held of a member. */
export interface PersonalDataAnswer {
  kind: "alba-personal-data";
  version: 1;
  member_id: string;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  written_at_unix_ms: number;
  left_out: string;
  sections: HeldRowsAnswer[];
}

/** Another PIN for a cashier. */
export interface PinBody {
  /** Digits; kept as a slow hash. */
  pin: string;
}

/** A refusal: RFC 9457 problem details, with our `code`, `values` and `correlation_id`. */
export interface Problem {
  /** Where the code is explained: the service's own page of refusals. */
  type: string;
  /** The code again (RFC 9457, 3.1.4: it does not change with the case). */
  title: string;
  /** The HTTP status. */
  status: number;
  /** A code of docs/errors.md. */
  code: string;
  /** For people, in the language of the cookie `alba_language`, else of Accept-Language. */
  detail: string;
  /** This very refusal: `urn:alba:request:` and the correlation id. */
  instance: string;
  /** What the service's log line of this request carries. */
  correlation_id: string;
  /** What the sentence was made of; names end in their unit (`limit_cents`, `retry_after_s`). */
  values: Record<string, string | number>;
  /** Only with `request.invalid`. */
  errors?: FieldProblem[];
}

/** How the member's identity was proved last. */
export interface ProofAnswer {
  provider: "papers" | "france_connect" | "european_wallet";
  level: "seen" | "substantial" | "high";
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  proved_at_unix_ms: number;
}

/** What came of the attempt; the tier follows once the ledger has it. */
export interface ProvedAnswer {
  proof: ProofAnswer;
  /** ISO 8601: until when it holds. */
  expires_on: string;
  /** Where the provider's own session is ended; to open in this browser, kept nowhere. */
  session_end_address: string | null;
}

/** What it costs and takes. `payee_hash` goes into the message to sign. */
export interface QuoteAnswer {
  /** Integer euro cents; one unit of the currency is 100. */
  amount_cents: number;
  /** Integer euro cents kept. */
  fee_cents: number;
  /** Integer euro cents that reach the account. */
  net_cents: number;
  /** Days until the transfer is made, at most. */
  delay_days: number;
  /** 32 bytes, lower-case 0x hex. */
  payee_hash: string;
  /** The last characters of the account: enough to know it again. */
  iban_end: string;
  needs_passkey: boolean;
}

/** What would be redeemed, to which account. */
export interface QuoteBody {
  /** Integer euro cents, more than 0. */
  amount_cents: number;
  /** A SEPA account (ISO 13616), spaces allowed. */
  iban: string;
  /** The account holder's name, as the bank knows it. */
  holder: string;
}

/** What anybody needs to check one payment against the ledger. Nothing about people is in it. */
export interface ReceiptAnswer {
  kind: "alba-receipt";
  version: 1;
  chain_id: number;
  /** An account of the ledger, lower-case 0x hex. */
  ledger: string;
  /** 32 bytes, lower-case 0x hex. */
  ref: string;
  /** An account of the ledger, lower-case 0x hex. */
  from: string;
  /** An account of the ledger, lower-case 0x hex. */
  to: string;
  /** Integer euro cents; one unit of the currency is 100. */
  amount_cents: number;
  block_number: number;
  /** 32 bytes, lower-case 0x hex. */
  transaction_hash: string;
  /** Five digits of keccak256(ref) that two people compare aloud. */
  proof_code: string;
}

/** A receipt as it was given; `kind`, `proof_code` and what else it holds for people is not looked at. */
export interface ReceiptBody {
  chain_id: number;
  /** An account of the ledger, 0x hex. */
  ledger: string;
  /** 32 bytes, 0x hex. */
  ref: string;
  /** An account of the ledger, 0x hex. */
  from: string;
  /** An account of the ledger, 0x hex. */
  to: string;
  /** Integer euro cents, more than 0. */
  amount_cents: number;
  block_number: number;
  /** 32 bytes, 0x hex. */
  transaction_hash: string;
}

/** Whether the ledger says the same. */
export interface ReceiptCheckAnswer {
  is_true: boolean;
  /** The names of what the receipt says otherwise, never what the ledger says; `ref` for a payment it does not know, `form` for a receipt that is malformed. */
  differences: string[];
}

/** Somebody the member paid, or who paid them as a person. */
export interface RecentPersonAnswer {
  /** The newest payment between the two. */
  movement_ref: string;
  name: string | null;
  is_professional: boolean;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  at_unix_ms: number;
  /** When they are a contact too. */
  contact_id: string | null;
}

/** How a request stands. One that is for no account stays `asked`. */
export interface RecoveryAnswer {
  state: "asked" | "proposing" | "proposed" | "vetoed" | "cancelled" | "executed" | "lapsed";
  /** What an officer finds the request by. */
  request_number: string;
  /** When the account opens to the new phone. */
  executable_at_unix_s: number | null;
  /** Null until somebody has looked at who asks. */
  balance_cents: number | null;
}

/** New keys are asked for an account, by what its owner may still know of it. */
export interface RecoveryBody {
  /** 32 random bytes, base64url, made by the phone. */
  token: string;
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  public_key: string;
  label?: string;
  /** By that key over `alba-recovery:`, `token`, `:` and `public_key`; base64url. */
  proof: string;
  /** A transfer reference (ISO 11649), or a member number: an id's first eight characters. */
  reference: string;
}

/** Whether a code on paper is good for this account. */
export interface RecoveryCodeAnswer {
  confirmed_at_unix_ms: number | null;
}

/** The code, typed back from the paper. */
export interface RecoveryCodeBody {
  /** As printed; case does not matter. */
  code: string;
}

/** Asks how things stand. */
export interface RecoveryTokenBody {
  /** 32 random bytes, base64url, made by the phone. */
  token: string;
}

/** The same with the code its owner has kept on paper. */
export interface RecoveryWithCodeBody {
  /** 32 random bytes, base64url, made by the phone. */
  token: string;
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  public_key: string;
  label?: string;
  /** By that key over `alba-recovery:`, `token`, `:` and `public_key`; base64url. */
  proof: string;
  /** As printed; case does not matter. */
  code: string;
}

/** A redemption as its owner sees it; of the account only the end. */
export interface RedemptionAnswer {
  /** 32 bytes, lower-case 0x hex. */
  ref: string;
  /** Integer euro cents; one unit of the currency is 100. */
  amount_cents: number;
  /** Integer euro cents; one unit of the currency is 100. */
  fee_cents: number;
  /** Integer euro cents; one unit of the currency is 100. */
  net_cents: number;
  state: RedemptionState;
  /** The last characters of the account: enough to know it again. */
  iban_end: string;
  /** The account holder's name as it was given; "" when none was asked. */
  holder: string;
  /** Five digits of keccak256(ref) that two people compare aloud. */
  proof_code: string;
  refusal_code: string | null;
  /** The bank's code when the transfer came back (ISO 20022). */
  return_reason: string | null;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  requested_at_unix_ms: number;
  /** When the ledger locked the units, unix ms. */
  locked_at_unix_ms: number | null;
  /** When it was paid, refused or returned, unix ms. */
  closed_at_unix_ms: number | null;
}

/** A Redemption signed by the member's device (EIP-712); `ref` is made before the first attempt. */
export interface RedemptionBody {
  /** Integer euro cents, more than 0. */
  amount_cents: number;
  /** A SEPA account (ISO 13616), spaces allowed. */
  iban: string;
  /** The account holder's name, as the bank knows it. */
  holder: string;
  /** 32 random bytes, 0x hex. */
  ref: string;
  /** The account's next number, decimal: a text, because it may pass what JSON numbers hold. */
  nonce: string;
  /** Seconds since 1970-01-01 UTC; the ledger refuses the message from then on. */
  valid_before_unix_s: number;
  /** The signature envelope of docs/protocol.md, 0x hex: a key's or a passkey's signature. */
  signature: string;
}

/**
 * requested: signed, units reserved. locked: units held by the ledger.
 *
 * exported: in a file that is approved, so perhaps at the bank. paid: the bank has paid and the units are
 * burned. returning: the bank sent the euros back, or an officer gives the units back. returned: so are the
 * units.
 */
export type RedemptionState = "requested" | "locked" | "exported" | "paid" | "returning" | "returned" | "refused";

/** A refund request: the till asks, the merchant's wallet signs (docs/decisions/0002). */
export interface RefundAnswer {
  id: string;
  sale_id: string;
  /** 32 random bytes, 0x hex, made by the till before its first attempt. */
  client_reference: string;
  /** Integer euro cents; one unit of the currency is 100. */
  amount_cents: number;
  state: RefundRequestState;
  refusal_code: string | null;
  proof_code: string | null;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  requested_at_unix_ms: number;
  /** When it was paid or refused, unix ms. */
  decided_at_unix_ms: number | null;
}

/** Asks for a refund, whole or in part, once per `client_reference`. */
export interface RefundBody {
  /** 32 random bytes, 0x hex, made by the till before its first attempt. */
  client_reference: string;
  /** Integer euro cents, more than 0. */
  amount_cents: number;
}

export type RefundRequestState = "requested" | "accepted" | "paid" | "refused";

/** The passkey that is kept from now on. */
export interface RegisteredPasskeyAnswer {
  /** base64url. */
  credential_id: string;
}

/** A new passkey, as @simplewebauthn/browser sends it. */
export interface RegistrationBody {
  credential: RegistrationCredential;
}

/** What `navigator.credentials.create` made (RegistrationResponseJSON). */
export interface RegistrationCredential {
  /** base64url. */
  id: string;
  /** base64url. */
  rawId: string;
  type: "public-key";
  authenticatorAttachment?: string | null;
  clientExtensionResults?: Record<string, JsonValue>;
  response: AttestationResponse;
}

/** Who asks. */
export interface RelyingPartyEntity {
  id: string;
  name: string;
}

/** How much of what went, never what it said. */
export interface RemovedAnswer {
  what: string;
  count: number;
}

/** The last attestation beside the supply, from final blocks; nulls before the first attestation. */
export interface ReserveAnswer {
  /** Integer euro cents of units in circulation. */
  supply_cents: number;
  /** Integer euro cents attested. */
  reserve_cents: number | null;
  /** The moment the bank statement speaks of, unix seconds. */
  as_of_unix_s: number | null;
  /** When the ledger took the attestation, unix seconds. */
  attested_at_unix_s: number | null;
  /** Seconds after which issuing stops without a newer one; counted from `as_of_unix_s`. */
  attestation_max_age_s: number | null;
  /** `as_of_unix_s` plus the age allowed, unix seconds. */
  fresh_until_unix_s: number | null;
  is_fresh: boolean;
  /** The supply is at most the reserve. */
  is_covered: boolean;
  /** Reserve over supply in hundredths of a percent, rounded down; null without a supply. */
  coverage_basis_points: number | null;
  /** keccak256 of the bank statement. */
  statement_hash: string | null;
  /** An account of the ledger, lower-case 0x hex. */
  ledger: string;
  chain_id: number;
}

/** A transfer the bank took back after it had been credited. */
export interface ReversalAnswer {
  id: string;
  /** `open` until it is settled; the others say how it was. */
  state: ReversalState;
  /** Integer euro cents the bank took back. */
  amount_cents: number;
  /** Integer euro cents not given back yet. */
  missing_cents: number;
  /** The association waits for a payment to its account. */
  may_pay_back: boolean;
  /** No payment but to the association is taken; else `missing_cents` of the balance stay. */
  stops_payments: boolean;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  noted_at_unix_ms: number;
}

/**
 * open: units stand without euros. The others say how it ended.
 *
 * clawed_back: the member gave the units back by signed payments. forced: a transfer by order took the last
 * of them. loss: a named reserve bears what is missing. mistaken: the bank credited the euros again.
 * not_minted: no unit had been made for these euros, and none is.
 */
export type ReversalState = "open" | "clawed_back" | "forced" | "loss" | "mistaken" | "not_minted";

/** What somebody is to a part. */
export type Role = "pays" | "receives" | "made";

/** Opens a sale, once per `client_reference`. */
export interface SaleBody {
  /** 32 random bytes, 0x hex, made by the till before its first attempt. */
  client_reference: string;
  /** Integer euro cents, more than 0. */
  amount_cents: number;
  /** What the payer reads of it. */
  label?: string | null;
  /** How much of `amount_cents` is a tip: at most the rest, or 500 where that is more. */
  tip_cents?: number;
}

export type SaleState = "open" | "accepted" | "paid" | "expired" | "cancelled";

/** In a body, not in the address: what is looked for may be somebody's name, and addresses are logged. */
export interface SearchBody {
  /** Part of a name, an amount (`12,50`), a proof code (`A7-42F`) or a reference. */
  query?: string;
  direction?: "all" | "out" | "in" | "bank" | "refunds";
  /** This moment is within, unix ms. */
  since_unix_ms?: number | null;
  /** This moment is not, unix ms. */
  until_unix_ms?: number | null;
  /** `next_before` of the page before, unix ms; null for the first. */
  before?: number | null;
  limit?: number;
}

/** Everything until then was in front of the recipient. */
export interface SeenBody {
  /** Unix ms, by the service's clock. */
  until_unix_ms: number;
}

/** What the other phone is shown: whose account, and what it would be allowed. */
export interface SeenInvitationAnswer {
  state: KeyholderState;
  kind: KeyholderKind;
  limits: KeyLimitsAnswer;
  /** Personal: the account holder's shown name. */
  holder_name: string | null;
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  old_public_key: string;
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  new_public_key: string;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  invitation_ends_at_unix_ms: number;
}

/** A part as who pays it, or is to receive it, sees it. */
export interface SeenPartAnswer {
  id: string;
  /** When the ask is the caller's own. */
  ask_id: string | null;
  kind: AskKind;
  role: Role;
  state: ShownPartState;
  /** Of the other, from the service: never from a link. */
  name: string | null;
  is_professional: boolean;
  /** A contact, or somebody the caller has paid before. */
  is_known: boolean;
  /** A share of a link is left alone instead: others may take it. */
  may_decline: boolean;
  /** Integer euro cents; one unit of the currency is 100. */
  amount_cents: number;
  message: string | null;
  /** Where to pay; null while nobody is there to be paid. */
  to_address: string | null;
  payment_ref: string | null;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  created_at_unix_ms: number;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  expires_at_unix_ms: number;
}

/** Who is signed in; both null when nobody is. */
export interface SessionAnswer {
  csrf_token: string | null;
  member: MemberAnswer | null;
}

/** A session that is open somewhere. */
export interface SessionInUse {
  /** Names the session to its owner and opens nothing. */
  id: string;
  /** How it was opened. */
  method: "creation" | "device" | "passkey" | "code";
  /** Family and system of the browser (`Firefox, Android`), or empty. */
  browser: string;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  opened_at_unix_ms: number;
  /** Unix ms, to the minute. */
  last_seen_at_unix_ms: number;
  /** The session that asks. */
  is_this: boolean;
}

/** Who is paid, as the register of professionals shows them to anybody. */
export interface Shop {
  name: string;
  description: string | null;
  /** The trade, in the language of the request. */
  sector: string | null;
  /** The commune's name. */
  commune: string | null;
}

/** What people are shown: the part's own state, or its payment's. */
export type ShownPartState = "waiting" | "open" | "confirming" | "paid" | "declined" | "cancelled" | "expired";

/** What `navigator.credentials.get` made (AuthenticationResponseJSON). */
export interface SignInCredential {
  /** base64url. */
  id: string;
  /** base64url. */
  rawId: string;
  type: "public-key";
  authenticatorAttachment?: string | null;
  clientExtensionResults?: Record<string, JsonValue>;
  response: AssertionResponse;
}

/** Where the shop's door is. */
export interface SpotBody {
  /** Degrees of WGS 84, times 100000. */
  latitude_e5: number;
  /** Degrees of WGS 84, times 100000. */
  longitude_e5: number;
}

/** The standing order that is expected, and whether the last one came. */
export interface StandingOrderAnswer {
  /** Integer euro cents; one unit of the currency is 100. */
  amount_cents: number;
  /** The day the bank carries it out; the last day of a month that is shorter. */
  day_of_month: number;
  /** `recognised`: seen in three months' credits of one payer. */
  source: "declared" | "recognised";
  /** When the next one is due. */
  next_on: string;
  /** When the last one was due that has not come; null while it has, or may still come. */
  missed_on: string | null;
  /** When that amount last came. */
  arrived_on: string | null;
}

/** A standing order the member has set up at their bank. */
export interface StandingOrderBody {
  /** Integer euro cents, more than 0. */
  amount_cents: number;
  /** The day the bank carries it out; the last day of a month that is shorter. */
  day_of_month: number;
}

/** What a professional was paid since midnight, in the region's time; only what is paid. */
export interface TakingsAnswer {
  /** Integer euro cents, refunds not taken off. */
  taken_cents: number;
  payments: number;
  /** Integer euro cents refunded today, of whatever day's payments. */
  given_back_cents: number;
}

/** The member accepts the terms of that day. */
export interface TermsBody {
  /** A day, ISO. */
  version: string;
}

export type Tier = "none" | "visitor" | "declared" | "verified" | "professional";

/** A till as its merchant sees it. */
export interface TillAnswer {
  id: string;
  label: string;
  state: TillState;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  paired_at_unix_ms: number;
  revoked_at_unix_ms: number | null;
  /** When it last opened a sale: which till it is. */
  last_sale_at_unix_ms: number | null;
}

/** Whom this till may choose among; none where the merchant named nobody. */
export interface TillCashiersAnswer {
  cashiers: CashierAnswer[];
  /** Who is at it: written with each sale. */
  current_id: string | null;
}

/** One day of a till in sums, of all its sales; nobody who paid is in it. */
export interface TillDayAnswer {
  /** In the region's time zone. */
  day: string;
  /** When it was counted, unix ms; later sales are not in it. */
  counted_at_unix_ms: number;
  /** Paid on that day. */
  sales_count: number;
  /** Integer euro cents; one unit of the currency is 100. */
  sales_cents: number;
  /** Sales with a tip, of those paid. */
  tips_count: number;
  /** Integer euro cents of `sales_cents` that are tips. */
  tips_cents: number;
  /** Asked for at this till, and paid back on that day. */
  refunds_count: number;
  /** Integer euro cents; one unit of the currency is 100. */
  refunds_cents: number;
  /** Integer euro cents: sales less refunds. */
  net_cents: number;
  /** Confirmed by their payers, not yet paid: in no other sum. */
  confirming_count: number;
  /** Integer euro cents; one unit of the currency is 100. */
  confirming_cents: number;
  /** Sales of the day nobody paid in time. */
  expired_count: number;
  cancelled_count: number;
  /** Payments for this till's sales that were refused. */
  refused_count: number;
  first_paid_at_unix_ms: number | null;
  last_paid_at_unix_ms: number | null;
  /** Empty where nobody was named at this till. */
  cashiers: CashierDayAnswer[];
}

/** The member a till sells for. */
export interface TillMerchant {
  id: string;
  /** The public name, empty while there is none. */
  name: string;
}

/** A sale as its till sees it. */
export interface TillSaleAnswer {
  id: string;
  /** Integer euro cents; one unit of the currency is 100. */
  amount_cents: number;
  /** Integer euro cents of `amount_cents` that are a tip. */
  tip_cents: number;
  /** Six digits, unique among open sales. */
  short_code: string;
  state: SaleState;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  created_at_unix_ms: number;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  expires_at_unix_ms: number;
  accepted_at_unix_ms: number | null;
  /** When its payment's block was made, unix ms. */
  paid_at_unix_ms: number | null;
  proof_code: string | null;
  /** Integer euro cents that were given back. */
  refunded_cents: number;
  label: string | null;
  /** 32 random bytes, 0x hex, made by the till before its first attempt. */
  client_reference: string;
  /** What the QR code says: the sale's address. */
  qr_text: string;
  /** Where anybody who has it reads its receipt, once it is paid. */
  receipt_url: string | null;
  /** Personal: the payer's short name, or that it is a visitor. */
  payer_label: string | null;
  /** Personal: who was at the till, where the shop names them. */
  cashier_label: string | null;
  /** Oldest first. */
  refunds: RefundAnswer[];
  /** Why the last payment for this open sale was refused (docs/errors.md). */
  refusal_code: string | null;
  refusal_detail: string | null;
}

export type TillState = "active" | "revoked";

/** What happened of one kind and was not in front of its recipient yet. */
export interface ToldAnswer {
  kind: NoticeKind;
  count: number;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  last_at_unix_ms: number;
}

/** How to make the transfer. */
export interface TopupAnswer {
  /** The member's own (ISO 11649); what the bank hands on ties the credit to them. */
  reference: string;
  /** Of the reserve account. */
  iban: string;
  bic: string;
  holder: string;
  /** The text of the SEPA QR code (EPC069-12). */
  epc_payload: string;
  /** Integer euro cents; less is sent back. */
  minimum_cents: number;
  /** Integer euro cents: the room left today under the tier's limits. */
  maximum_cents: number;
}

/** A NAF division in everyday words, and the group it is shown in. */
export interface TradeAnswer {
  /** NAF division: two digits. */
  division: string;
  group: string;
  french: string;
  english: string;
}

/** What a page says when it is woken by a push, whose own content is empty. */
export interface UnseenAnswer {
  /** One sentence of all of it, in the language of the request; empty: nothing. */
  title: string;
  told: ToldAnswer[];
}

/** Whose passkey it will be; `name` is what the device shows. */
export interface UserEntity {
  id: string;
  name: string;
  displayName: string;
}

/** The objection of one of the account's keys. */
export interface VetoBody {
  /** Over `RecoveryVeto(account, number)` (EIP-712), 0x hex. */
  signature: string;
}

/** A device's key, and the word of a key of the account that signs: a passkey's, mostly. */
export interface VouchedDeviceBody {
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  public_key: string;
  label?: string;
  /** By that key over `alba-device:passkey:` and `public_key`. */
  proof: string;
  addition: AdditionBody;
}

/** A visitor's wallet: this device's key and a proof that the device holds it. */
export interface WalletBody {
  /** A P-256 point, x ‖ y (64 bytes), lower-case 0x hex. */
  public_key: string;
  key_kind?: "p256";
  label?: string;
  /** ISO 639-1. */
  language?: string;
  /** Of the terms shown beside the button, as `/v1/config` names it. */
  terms_version?: string | null;
  /** By that key over `alba-wallet:` and `public_key`; base64url. */
  proof: string;
}

/** How a professional takes the currency. */
export type Way = "till" | "web" | "invoice";

export interface WaysAnswer {
  kind: NoticeKind;
  by_push: boolean;
  by_mail: boolean;
}

/** By request: what it sends, what it is answered; `null` is nothing. */
export interface Api {
  /** Everything about the signed-in member. Replays after Last-Event-ID (or ?last_event_id=). */
  "GET /v1/events": { body: null; answer: string };
  /** Everything about the till that signed the request. */
  "GET /v1/till/events": { body: null; answer: string };
  /** Supply and reserve as they change, for the public page. */
  "GET /v1/public/events": { body: null; answer: string };
  /** Who is signed in; nulls when nobody is. */
  "GET /v1/session": { body: null; answer: SessionAnswer };
  /** Ends this session. */
  "DELETE /v1/session": { body: null; answer: null };
  /** A challenge for a device's key, known or not. The device signs ``alba-sign-in:`` and the challenge. */
  "POST /v1/session/device/challenge": { body: DeviceChallengeBody; answer: ChallengeAnswer };
  /** Opens a session with the device's signature over the challenge. */
  "POST /v1/session/device": { body: DeviceSignInBody; answer: SessionAnswer };
  /** WebAuthn request options; any passkey of this site may answer. */
  "POST /v1/session/passkey/options": { body: null; answer: PasskeyRequestOptions };
  /** Opens a session with a passkey's answer. */
  "POST /v1/session/passkey/verify": { body: PasskeySignInBody; answer: SessionAnswer };
  /** WebAuthn creation options for the signed-in member; a further passkey takes a session of one. */
  "POST /v1/passkeys/options": { body: null; answer: PasskeyCreationOptions };
  /** Keeps the new passkey's public key. */
  "POST /v1/passkeys/verify": { body: RegistrationBody; answer: RegisteredPasskeyAnswer };
  /** Lets a passkey sign payments, on the word of a key that does; it does once the ledger knows it. */
  "POST /v1/passkeys/signer": { body: PasskeySignerBody; answer: DevicesAnswer };
  /** Open sessions, passkeys and devices: what each is, and when it was last used. */
  "GET /v1/me/access": { body: null; answer: AccessAnswer };
  /** Ends every session of the member but this one. */
  "DELETE /v1/me/sessions": { body: null; answer: null };
  /** Ends one session of the member; whoever used it must sign in again. */
  "DELETE /v1/me/sessions/{session_id}": { body: null; answer: null };
  /** The passkey neither signs in nor pays any more; other sessions it opened end. */
  "DELETE /v1/me/passkeys/{credential_id}": { body: null; answer: null };
  /** Without the passkey, which is lost or broken: it goes after three days, unless it is used meanwhile. */
  "POST /v1/me/passkeys/{credential_id}/removal": { body: null; answer: PasskeyRemovalAnswer };
  /** The passkey stays. Any session may: it takes nothing away. */
  "DELETE /v1/me/passkeys/{credential_id}/removal": { body: null; answer: null };
  /** The device neither signs in nor pays any more; other sessions it opened end. */
  "DELETE /v1/me/devices/{device_id}": { body: null; answer: null };
  /** Currency, chain, lifetimes, limits by tier, the server's time. Nothing personal; no session needed. */
  "GET /v1/config": { body: null; answer: ConfigAnswer };
  /** Opens a visitor's account for this device's key and signs it in; after `wallet.exists` it signs in. */
  "POST /v1/wallets": { body: WalletBody; answer: NewSessionMember };
  /** Whether this key may be tied to an account, before a person is asked to sign for it. */
  "POST /v1/devices/check": { body: DeviceKeyBody; answer: null };
  /** Lets this device sign for the account on the word of a key that does, a passkey mostly. */
  "POST /v1/devices/passkey": { body: VouchedDeviceBody; answer: DevicesAnswer };
  /** Lets a device that a code has tied, and that only looks, sign: on the word of one that does. */
  "POST /v1/me/devices/{device_id}/signer": { body: AdditionBody; answer: DevicesAnswer };
  /** Ties this device's key to the code's account and signs it in; it pays once another key signs for it. */
  "POST /v1/devices/link": { body: DeviceBody; answer: NewSessionMember };
  /** Nothing leaves the account from this answer on. Any session may: it can only keep money where it is. */
  "POST /v1/me/freeze": { body: null; answer: null };
  /** Lets go of the member's own freeze: in a session of a moment ago, with the passkey if there is one. */
  "DELETE /v1/me/freeze": { body: null; answer: null };
  /** Asks for new keys for an account and stops what leaves it; answered alike where there is none. */
  "POST /v1/recoveries": { body: RecoveryBody; answer: RecoveryAnswer };
  /** The same with a code kept on paper: for a visitor nobody needs to look. */
  "POST /v1/recoveries/code": { body: RecoveryWithCodeBody; answer: RecoveryAnswer };
  /** Papers for the officer who decides about that request: one picture (JPEG, PNG) or PDF of at most 8 MB. */
  "POST /v1/recoveries/documents": { body: FormData; answer: RecoveryAnswer };
  /** How the request with this token stands; a POST, so that the token is in no address. */
  "POST /v1/recoveries/progress": { body: RecoveryTokenBody; answer: RecoveryAnswer };
  /** The member has the phone: what only waits for an officer ends, and so does what it froze. */
  "POST /v1/me/recoveries/deny": { body: null; answer: null };
  /** Sends the signed objection of one of the account's keys to the ledger, which ends the recovery. */
  "POST /v1/me/recoveries/{recovery_id}/veto": { body: VetoBody; answer: null };
  /** Whether this account has a code on paper that is good. */
  "GET /v1/me/recovery-code": { body: null; answer: RecoveryCodeAnswer };
  /** A new code in place of the one before; good once it was typed back. */
  "POST /v1/me/recovery-code": { body: null; answer: NewRecoveryCodeAnswer };
  /** Its owner has it on paper. */
  "POST /v1/me/recovery-code/confirm": { body: RecoveryCodeBody; answer: null };
  /** Account, limits and what is left of them, balance, devices, identity state. */
  "GET /v1/me": { body: null; answer: OwnAccountAnswer };
  /** The member accepts the terms of that day. */
  "POST /v1/me/terms": { body: TermsBody; answer: null };
  /** What the member lets themselves spend. Lower counts at once, higher in a day. */
  "POST /v1/me/caps": { body: OwnCapsBody; answer: OwnCapsAnswer };
  /** The old phone waits for a new one for ten minutes; an earlier code of the member ends. */
  "POST /v1/moves": { body: MoveBody; answer: MoveAnswer };
  /** The new phone answers, and asks again until the old one has said yes (`done`). */
  "POST /v1/devices/move": { body: JoinBody; answer: MoveAnswer };
  /** As the old phone sees it. */
  "GET /v1/moves/{move_id}": { body: null; answer: MoveAnswer };
  /** The code is good for nothing any more. */
  "DELETE /v1/moves/{move_id}": { body: null; answer: null };
  /** Lets the new phone sign for the account; it does once the ledger knows it. */
  "POST /v1/moves/{move_id}/approve": { body: ApproveBody; answer: null };
  /** Who may pay with the account, within what, what they paid; who could once; who is invited. */
  "GET /v1/me/keyholders": { body: null; answer: KeyholdersAnswer };
  /** The holder's phone waits for another for ten minutes. Nobody may pay yet. */
  "POST /v1/me/keyholders": { body: InvitationBody; answer: KeyholdersAnswer };
  /** The other phone answers, and asks again until the holder has said yes (`adding`, then `active`). */
  "POST /v1/keyholders/join": { body: InvitationJoinBody; answer: SeenInvitationAnswer };
  /** Lets the other phone pay, on the word of a key that signs; it can once the ledger knows it. */
  "POST /v1/me/keyholders/{keyholder_id}/approve": { body: KeyholderApproveBody; answer: KeyholdersAnswer };
  /** Other limits, on the same word: tighter ones count at once, wider ones once the ledger says so. */
  "POST /v1/me/keyholders/{keyholder_id}/limits": { body: KeyholderLimitsBody; answer: KeyholdersAnswer };
  /** That key pays no more, from now on; an invitation is worth nothing. Once, however often it is asked. */
  "DELETE /v1/me/keyholders/{keyholder_id}": { body: null; answer: KeyholdersAnswer };
  /** Who pays by a limited key here; nulls when nobody does. */
  "GET /v1/held/session": { body: null; answer: HeldSessionAnswer };
  /** Opens one with the limited key's signature over a challenge of `/v1/session/device/challenge`. */
  "POST /v1/held/session": { body: DeviceSignInBody; answer: HeldSessionAnswer };
  /** Ends this session; the key goes on. */
  "DELETE /v1/held/session": { body: null; answer: null };
  /** Whose account, what this key may pay, what is left today, and what it paid. */
  "GET /v1/held/account": { body: null; answer: HeldAccountAnswer };
  /** Whoever holds the key gives it back: it pays no more. */
  "DELETE /v1/held/account": { body: null; answer: null };
  /** The active sale with that short code. */
  "GET /v1/held/sales/by-code/{code}": { body: null; answer: PayableSaleAnswer };
  /** Accepts a payment that this session's key has signed, as `POST /v1/payments` does a member's. */
  "POST /v1/held/payments": { body: PaymentBody; answer: PaymentAnswer };
  /** What became of a payment of this key's; the holder's others are none of its business. */
  "GET /v1/held/payments/{ref}": { body: null; answer: PaymentAnswer };
  /** What happened and was not in front of the member yet, by kind. */
  "GET /v1/me/notices": { body: null; answer: UnseenAnswer };
  /** What happened until then has been in front of the member; it is not sent any more. */
  "POST /v1/me/notices/seen": { body: SeenBody; answer: null };
  /** By which ways the member is told of each kind, and where to. */
  "GET /v1/me/notices/settings": { body: null; answer: NoticeSettingsAnswer };
  /** By which ways the member wants to be told of one kind. */
  "POST /v1/me/notices/choices": { body: ChoiceBody; answer: null };
  /** This browser takes notices for the member. What it is sent has no content. */
  "POST /v1/me/notices/endpoints": { body: EndpointBody; answer: null };
  /** It takes none any more. In a body: an address of a browser has no place in one of ours. */
  "POST /v1/me/notices/endpoints/remove": { body: EndpointBody; answer: null };
  /** Sends a code to that address; it is used once the code was typed. */
  "POST /v1/me/notices/mail": { body: MailBody; answer: null };
  /** No mail goes there any more. */
  "DELETE /v1/me/notices/mail": { body: null; answer: null };
  /** The address is the member's: they read what was sent there. */
  "POST /v1/me/notices/mail/confirm": { body: MailCodeBody; answer: null };
  /** The member's own file, as they declared it. */
  "GET /v1/me/identity": { body: null; answer: IdentityFileAnswer };
  /** Declares an identity: tier *declared* follows once the ledger has it. */
  "POST /v1/me/identity": { body: DeclarationBody; answer: IdentityFileAnswer };
  /** One picture (JPEG, PNG) or PDF of at most 8 MB; the name and type the sender gives are ignored. */
  "POST /v1/me/identity/documents": { body: FormData; answer: IdentityDocumentAnswer };
  /** A wrong page, before the file is handed in. */
  "DELETE /v1/me/identity/documents/{document_id}": { body: null; answer: null };
  /** Hands the file to the officers. */
  "POST /v1/me/identity/submit": { body: null; answer: IdentityFileAnswer };
  /** What each way to prove an identity takes, keeps and gives. Nothing personal. */
  "GET /v1/me/identity/ways": { body: null; answer: OffersAnswer };
  /** Where to go now. This browser keeps a cookie without which the way back is refused. */
  "POST /v1/me/identity/attempts": { body: AttemptBody; answer: AttemptAnswer };
  /** What came of the member's newest attempt; its answer counts once. */
  "POST /v1/me/identity/attempts/finish": { body: null; answer: ProvedAnswer };
  /** A code for one tablet, good for ten minutes, shown once. */
  "POST /v1/me/tills/pairing-codes": { body: PairingCodeBody; answer: PairingCodeAnswer };
  /** The merchant's tills, newest first, revoked ones included. */
  "GET /v1/me/tills": { body: null; answer: TillAnswer[] };
  /** The tablet can do nothing from now on. */
  "DELETE /v1/me/tills/{till_id}": { body: null; answer: null };
  /** Registers the tablet's key with a merchant's code. */
  "POST /v1/tills/pair": { body: PairBody; answer: PairedTillAnswer };
  /** The till that signed this request. */
  "GET /v1/till/me": { body: null; answer: PairedTillAnswer };
  /** Who may be at the merchant's tills, in the order of their names. */
  "GET /v1/me/cashiers": { body: null; answer: CashierAnswer[] };
  /** Names one more. */
  "POST /v1/me/cashiers": { body: CashierBody; answer: CashierAnswer };
  /** Another PIN, at once; a pause after wrong ones ends. */
  "POST /v1/me/cashiers/{cashier_id}/pin": { body: PinBody; answer: null };
  /** Name and PIN are destroyed, also of what was sold before. */
  "DELETE /v1/me/cashiers/{cashier_id}": { body: null; answer: null };
  /** Whom this till may choose among, and who is at it. */
  "GET /v1/till/cashiers": { body: null; answer: TillCashiersAnswer };
  /** A cashier begins at this till, also in the place of another. */
  "POST /v1/till/cashier": { body: EnterBody; answer: TillCashiersAnswer };
  /** Nobody is named with this till's sales any more. */
  "DELETE /v1/till/cashier": { body: null; answer: TillCashiersAnswer };
  /** Accepts a signed payment. The same reference with the same content always gets the same answer. */
  "POST /v1/payments": { body: PaymentBody; answer: PaymentAnswer };
  /** What became of a payment, for its payer or payee. */
  "GET /v1/payments/{ref}": { body: null; answer: PaymentAnswer };
  /** Newest first. `before` is the `at_unix_ms` of the last movement of the page before. */
  "GET /v1/me/movements": { body: null; answer: MovementAnswer[] };
  /** What came in today, for whoever keeps a shop; nothing of a resident's is hidden from them by it. */
  "GET /v1/me/takings": { body: null; answer: TakingsAnswer };
  /** Movements by name, amount, proof code or reference, newest first. `next_before` goes on from there. */
  "POST /v1/me/movements/search": { body: SearchBody; answer: MovementsFoundAnswer };
  /** The month's final movements; the language of the page decides separators and words. */
  "GET /v1/me/statements/{month}.csv": { body: null; answer: string };
  /** The same, to read and print. */
  "GET /v1/me/statements/{month}.pdf": { body: null; answer: string };
  /** A year on one page: what came in and left month by month, and what it was made of. */
  "GET /v1/me/summaries/{year}.pdf": { body: null; answer: string };
  /** The receipt to read, print and show: with the names that the member's own screens show. */
  "GET /v1/me/movements/{ref}/receipt.pdf": { body: null; answer: string };
  /** What anybody needs to check this payment against the ledger. Nothing about people is in it. */
  "GET /v1/me/movements/{ref}/receipt": { body: null; answer: ReceiptAnswer };
  /** Whether the ledger says the same. `differences` names what it says otherwise, never what it says. */
  "POST /v1/public/receipts/check": { body: ReceiptBody; answer: ReceiptCheckAnswer };
  /** The active sale with that short code, or the one the caller has just paid. */
  "GET /v1/sales/by-code/{code}": { body: null; answer: PayableSaleAnswer };
  /** What a scanned code stands for. Open to a phone without a wallet yet: the id cannot be guessed. */
  "GET /v1/sales/{sale_id}": { body: null; answer: PayableSaleAnswer };
  /** Opens a sale, once per `client_reference`. */
  "POST /v1/till/sales": { body: SaleBody; answer: TillSaleAnswer };
  /** The till's sales, newest first. */
  "GET /v1/till/sales": { body: null; answer: TillSaleAnswer[] };
  /** The truth about one sale of this till's shop. */
  "GET /v1/till/sales/{sale_id}": { body: null; answer: TillSaleAnswer };
  /** What was paid at the shop's other tills, newest first: a new tablet refunds yesterday's sale too. */
  "GET /v1/till/other-sales": { body: null; answer: TillSaleAnswer[] };
  /** One day of this till in sums of all its sales: what a shop prints in the evening. */
  "GET /v1/till/day": { body: null; answer: TillDayAnswer };
  /** Cancels an open sale; repeating it changes nothing. */
  "POST /v1/till/sales/{sale_id}/cancel": { body: null; answer: TillSaleAnswer };
  /** Asks for a refund, whole or in part, once per `client_reference`. The merchant's wallet decides. */
  "POST /v1/till/sales/{sale_id}/refunds": { body: RefundBody; answer: RefundAnswer };
  /** What this till asked for, newest first. */
  "GET /v1/till/refunds": { body: null; answer: RefundAnswer[] };
  /** What waits for the member's signature, oldest first. */
  "GET /v1/me/refund-requests": { body: null; answer: AskedRefundAnswer[] };
  /** One request to the member, in whatever state it is. */
  "GET /v1/me/refund-requests/{request_id}": { body: null; answer: AskedRefundAnswer };
  /** The merchant says no. */
  "POST /v1/refund-requests/{request_id}/refuse": { body: null; answer: RefundAnswer };
  /** Contacts, recent people, blocks. */
  "GET /v1/me/contacts": { body: null; answer: ContactBookAnswer };
  /** Keeps somebody; who is kept already stays as they are. */
  "POST /v1/me/contacts": { body: PersonBody; answer: ContactAnswer };
  /** How somebody is called, before anything is made of it. */
  "POST /v1/me/contacts/look": { body: PersonBody; answer: PersonAnswer };
  /** Shown first, or no more. */
  "POST /v1/me/contacts/{contact_id}/favourite": { body: FavouriteBody; answer: null };
  /** Forgets somebody; they are not told. */
  "DELETE /v1/me/contacts/{contact_id}": { body: null; answer: null };
  /** Hears of somebody again; they are not told. */
  "DELETE /v1/me/blocks/{block_id}": { body: null; answer: null };
  /** The member's own, made when it is first asked for. */
  "GET /v1/me/payee-code": { body: null; answer: PayeeCodeAnswer };
  /** Another one; whoever has the old one finds nobody. */
  "POST /v1/me/payee-code": { body: null; answer: PayeeCodeAnswer };
  /** What waits for the member's signature, and what they have asked for or sent to an address. */
  "GET /v1/me/asks": { body: null; answer: AsksAnswer };
  /** Asks, or makes a send ready to be signed. Moves no money. */
  "POST /v1/me/asks": { body: AskBody; answer: OwnAskAnswer };
  /** One of the member's own: who has paid, who has not, who said no. */
  "GET /v1/me/asks/{ask_id}": { body: null; answer: OwnAskAnswer };
  /** Takes back what is not paid, nor being paid. */
  "POST /v1/me/asks/{ask_id}/cancel": { body: null; answer: null };
  /** What a link leads to, for this member. Nothing of it is shown to who has no wallet. */
  "GET /v1/asks/{part_or_ask_id}": { body: null; answer: SeenPartAnswer };
  /** It is this member who shall receive: the sender reads their name, and may sign. */
  "POST /v1/asks/{part_id}/claim": { body: null; answer: null };
  /** No, with a word or without. */
  "POST /v1/asks/{part_id}/decline": { body: DeclineBody; answer: null };
  /** Nothing of who asks is shown any more; they are not told. */
  "POST /v1/asks/{part_or_ask_id}/block": { body: null; answer: null };
  /** The member's own reference (ISO 11649), the reserve account, and the SEPA QR's text (EPC069-12). */
  "GET /v1/me/topup": { body: null; answer: TopupAnswer };
  /** The SEPA QR code as SVG, its border white. */
  "GET /v1/me/topup/qr.svg": { body: null; answer: string };
  /** The followed standing order with the next one expected, and the low-balance notice. */
  "GET /v1/me/loading": { body: null; answer: LoadingAnswer };
  /** The member has set one up at their bank: it is expected from the next time that day comes. */
  "POST /v1/me/loading/standing-order": { body: StandingOrderBody; answer: LoadingAnswer };
  /** It is not expected any more. The bank's own order stays: only the member can end it there. */
  "DELETE /v1/me/loading/standing-order": { body: null; answer: null };
  /** Below that balance the wallet offers to load. */
  "POST /v1/me/loading/low-balance": { body: LowBalanceBody; answer: null };
  /** The wallet offers nothing by itself any more. */
  "DELETE /v1/me/loading/low-balance": { body: null; answer: null };
  /** Newest first: what the bank took back after it had been credited, and whether that is settled. */
  "GET /v1/me/reversals": { body: null; answer: ReversalAnswer[] };
  /** Newest first: those the member opened, those about a payment to them, those that hold their money. */
  "GET /v1/me/disputes": { body: null; answer: DisputesAnswer };
  /** Contests a payment: its sum is held, as far as it is there, until an officer has decided. */
  "POST /v1/me/disputes": { body: ContestBody; answer: DisputeAnswer };
  /** One that concerns the member. */
  "GET /v1/me/disputes/{dispute_id}": { body: null; answer: DisputeAnswer };
  /** The payee's side, once. To agree moves no money: it is signed like any payment, or taken by order. */
  "POST /v1/me/disputes/{dispute_id}/answer": { body: DisputeAnswerBody; answer: null };
  /** The payer contests it no longer: nothing is held any more. */
  "POST /v1/me/disputes/{dispute_id}/withdraw": { body: null; answer: null };
  /** Papers of payer or payee for the officer: one picture (JPEG, PNG) or PDF of at most 8 MB. */
  "POST /v1/me/disputes/{dispute_id}/documents": { body: FormData; answer: DisputeAnswer };
  /** Fee, net amount and delay, before anything is signed. */
  "POST /v1/me/redemptions/quote": { body: QuoteBody; answer: QuoteAnswer };
  /** Accepts a signed redemption. The same reference with the same content always gets the same answer. */
  "POST /v1/me/redemptions": { body: RedemptionBody; answer: RedemptionAnswer };
  /** Newest first. */
  "GET /v1/me/redemptions": { body: null; answer: RedemptionAnswer[] };
  /** One of the member's own, however old. */
  "GET /v1/me/redemptions/{ref}": { body: null; answer: RedemptionAnswer };
  /** What is held of the member, by heading: how much, why, until when (GDPR, article 15). */
  "GET /v1/me/data": { body: null; answer: HeldAnswer };
  /** Everything, whole, for another service to read (GDPR, article 20). */
  "GET /v1/me/data.json": { body: null; answer: PersonalDataAnswer };
  /** The same to read and print. */
  "GET /v1/me/data.pdf": { body: null; answer: string };
  /** What keeps the account open, and until when the law has what was proved kept. */
  "GET /v1/me/closing": { body: null; answer: ClosingAnswer };
  /** Ends the account for good and signs out everywhere; answers with the certificate (GDPR, article 17). */
  "POST /v1/me/closing": { body: ClosingBody; answer: CertificateAnswer };
  /** The card as everybody sees it, and whether they do. */
  "GET /v1/me/listing": { body: null; answer: OwnListingAnswer };
  /** Saves the whole card; it is shown at once, and an officer looks at what changed. */
  "POST /v1/me/listing": { body: CardBody; answer: OwnListingAnswer };
  /** One picture (JPEG, PNG) of at most 8 MB; the name and type the sender gives are ignored. */
  "POST /v1/me/listing/picture": { body: FormData; answer: OwnListingAnswer };
  /** The card without its picture. */
  "DELETE /v1/me/listing/picture": { body: null; answer: OwnListingAnswer };
  /** The last attestation beside the supply, from final blocks. */
  "GET /v1/public/reserve": { body: null; answer: ReserveAnswer };
  /** Every professional who takes the currency, in one answer: a page keeps it and searches it by itself. */
  "GET /v1/directory": { body: null; answer: DirectoryAnswer };
}

/** "/v1/me/tills/{till_id}" with any till's id in it. */
type Filled<Path extends string> = Path extends `${infer Head}{${string}}${infer Tail}`
  ? `${Head}${string}${Filled<Tail>}`
  : Path;
type Routes<Method extends string> = Extract<keyof Api, `${Method} ${string}`>;
type RouteOf<Method extends string, Path extends string> = {
  [Route in Routes<Method>]: `${Method} ${Path}` extends Filled<Route> | `${Filled<Route>}?${string}`
    ? Route
    : never;
}[Routes<Method>];

/** What `Method` on `Path` is answered: `Answer<"GET", "/v1/me">`. `any` for a path not known in full. */
export type Answer<Method extends string, Path extends string> = [RouteOf<Method, Path>] extends [never]
  ? any
  : Api[RouteOf<Method, Path>]["answer"];

/** What `Method` on `Path` sends; `{}` where nothing needs saying. */
export type Sent<Method extends string, Path extends string> = [RouteOf<Method, Path>] extends [never]
  ? any
  : Api[RouteOf<Method, Path>]["body"] extends null
    ? Record<string, never>
    : Api[RouteOf<Method, Path>]["body"];
