// Written by `.venv/bin/python -m scripts.docs.api_types` from the models; do not edit. A test fails
// when it is out of date.

/** The last sales and refunds of the till; its figures are the page's own sums. */
export interface BookAnswer {
  sales: SaleAnswer[];
  refunds: TabletRefundAnswer[];
  /** Every sale opened since then is listed; null when every sale is. */
  complete_since_unix_ms: number | null;
}

/** A cashier begins at this tablet. */
export interface CashierEntersBody {
  cashier_id: string;
  /** Digits; passed on and kept nowhere here. */
  pin: string;
}

/** Whom to choose among, and who is at the tablet; none where the shop named nobody. */
export interface CashiersAnswer {
  cashiers: TabletCashier[];
  current_id: string | null;
}

/** Whether the service is there, what time it has, how old its last block is. */
export interface ConnectionAnswer {
  online: boolean;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  server_time_unix_ms: number;
  /** Seconds; null before the first block. */
  block_age_s: number | null;
  /** Nobody can pay now: all payments are stopped. */
  payments_stopped: boolean;
}

/** One day of the till in the service's sums, of all its sales: the page of the evening. */
export interface DayAnswer {
  day: string;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  counted_at_unix_ms: number;
  sales_count: number;
  /** Integer euro cents; one unit of the currency is 100. */
  sales_cents: number;
  /** Sales with a tip, of those paid. */
  tips_count: number;
  /** Integer euro cents; one unit of the currency is 100. */
  tips_cents: number;
  refunds_count: number;
  /** Integer euro cents; one unit of the currency is 100. */
  refunds_cents: number;
  /** Sales less refunds, integer euro cents; may be below 0. */
  net_cents: number;
  /** Confirmed, not yet paid: in no other sum. */
  confirming_count: number;
  /** Integer euro cents; one unit of the currency is 100. */
  confirming_cents: number;
  expired_count: number;
  cancelled_count: number;
  refused_count: number;
  first_paid_at_unix_ms: number | null;
  last_paid_at_unix_ms: number | null;
  cashiers: TabletCashierDay[];
}

/** Asks for money, or for money back, once per `client_reference`. */
export interface MoneyBody {
  /** 32 random bytes, 0x hex, made by the page. */
  client_reference: string;
  /** Integer euro cents, from 1 to the largest sale of this till. */
  amount_cents: number;
}

/** This tablet is a till from now on; the session has changed. */
export interface PairedAnswer {
  paired: true;
}

/** Makes this tablet a till of the merchant whose code it is. */
export interface PairingBody {
  /** As typed; spaces and hyphens do not matter. */
  code: string;
  /** What the till is called, 40 characters at most; empty: the name the code was made with. */
  label?: string;
}

/** A refusal, the point of sale's own or the service's passed on (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  /** The HTTP status. */
  status: number;
  /** A code of docs/errors.md; the point of sale's own start with `pos.`. */
  code: string;
  /** The sentence for people, in the tablet's language. */
  detail: string;
  /** What the sentence was made of; names end in their unit. */
  values: Record<string, string | number>;
  /** The service's own name of this refusal, when it made it. */
  instance?: string;
  /** What the point of sale's log line of this request carries. */
  correlation_id: string;
}

/** Where whoever is given it reads the receipt of a paid sale; both null while it is not paid. */
export interface ReceiptLinkAnswer {
  url: string | null;
  /** The address as a QR code, SVG. */
  qr_svg: string | null;
}

/** A sale as the tablet shows it; `qr_svg` only while it can be paid. */
export interface SaleAnswer {
  id: string;
  /** Integer euro cents; one unit of the currency is 100. */
  amount_cents: number;
  /** Integer euro cents of `amount_cents` that are a tip. */
  tip_cents: number;
  label: string | null;
  state: "open" | "accepted" | "paid" | "expired" | "cancelled";
  short_code: string;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  created_at_unix_ms: number;
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  expires_at_unix_ms: number;
  accepted_at_unix_ms: number | null;
  paid_at_unix_ms: number | null;
  /** Personal: the payer's short name. */
  payer_label: string | null;
  /** Personal: who was at the till; null: nobody was named. */
  cashier_label: string | null;
  proof_code: string | null;
  /** Why the last payment was refused. */
  refusal_code: string | null;
  refusal_detail: string | null;
  /** Integer euro cents; one unit of the currency is 100. */
  refunded_cents: number;
  refunds: TabletRefundAnswer[];
  /** The QR code as SVG. */
  qr_svg: string | null;
}

/** Opens a sale, once per `client_reference`. */
export interface SellBody {
  /** 32 random bytes, 0x hex, made by the page. */
  client_reference: string;
  /** Integer euro cents, from 1 to the largest sale of this till. */
  amount_cents: number;
  /** A few words the payer reads of it, 80 characters at most; empty: none. */
  label?: string;
  /** How much of `amount_cents` is a tip; the service says how much may be. */
  tip_cents?: number;
}

/** A refusal inside an answer that itself succeeded: why the book cannot be shown. */
export interface ShownProblem {
  status: number;
  code: string;
  detail: string;
}

/** What the header says. */
export interface ShownTill {
  label: string;
  merchant_name: string;
}

/** Everything the page needs to start, or to start again. */
export interface StateAnswer {
  /** Goes into `X-CSRF-Token` with every unsafe request. */
  csrf_token: string;
  paired: boolean;
  /** IANA name: what today means in this shop. */
  time_zone: string;
  /** Integer euro cents; one unit of the currency is 100. */
  largest_sale_cents: number;
  /** Null until the service has answered once. */
  currency: TabletCurrencyAnswer | null;
  environment: string | null;
  till: ShownTill | null;
  book: BookAnswer | null;
  /** Null with the book. */
  cashiers: CashiersAnswer | null;
  /** Why a paired till has no book now. */
  problem: ShownProblem | null;
  connection: ConnectionAnswer;
}

/** Who may be at this tablet. */
export interface TabletCashier {
  id: string;
  /** Personal: as the merchant calls them. */
  name: string;
}

/** What one cashier sold on a day. */
export interface TabletCashierDay {
  /** Null: nobody was named. */
  cashier_label: string | null;
  sales_count: number;
  /** Integer euro cents; one unit of the currency is 100. */
  sales_cents: number;
  /** Integer euro cents; one unit of the currency is 100. */
  tips_cents: number;
}

/** How amounts are called. */
export interface TabletCurrencyAnswer {
  name: string;
  unit_one: string;
  unit_many: string;
  symbol: string;
}

/** A refund the till asked the merchant's wallet for. */
export interface TabletRefundAnswer {
  id: string;
  sale_id: string;
  /** Integer euro cents; one unit of the currency is 100. */
  amount_cents: number;
  state: "requested" | "accepted" | "paid" | "refused";
  /** A moment in milliseconds since 1970-01-01 UTC, by the service's clock. */
  requested_at_unix_ms: number;
  decided_at_unix_ms: number | null;
  proof_code: string | null;
  refusal_code: string | null;
}

/** By request: what it sends, what it is answered; `null` is nothing. */
export interface Api {
  /** Everything the page needs to start or start again. Never fails because the service does: it says so. */
  "GET /api/state": { body: null; answer: StateAnswer };
  /** Makes a key, has the service tie it to the merchant of `code`, keeps it; the session changes too. */
  "POST /api/pair": { body: PairingBody; answer: PairedAnswer };
  /** Destroys this tablet's key. The merchant's wallet still lists the till until it is removed there. */
  "POST /api/unpair": { body: null; answer: null };
  /** Opens a sale, once per `client_reference`. */
  "POST /api/sales": { body: SellBody; answer: SaleAnswer };
  /** What was paid at the shop's other tills, newest first. */
  "GET /api/other-sales": { body: null; answer: SaleAnswer[] };
  /** One day of this till in sums, to look at and to print. */
  "GET /api/day": { body: null; answer: DayAnswer };
  /** A cashier begins at this tablet, also in the place of another. */
  "POST /api/cashier": { body: CashierEntersBody; answer: CashiersAnswer };
  /** Nobody is named with this tablet's sales any more. */
  "POST /api/cashier/leave": { body: null; answer: CashiersAnswer };
  /** One sale as the service says it is at this moment. */
  "GET /api/sales/{sale_id}": { body: null; answer: SaleAnswer };
  /** What the customer scans to keep the receipt of a paid sale. */
  "GET /api/receipts/{sale_id}": { body: null; answer: ReceiptLinkAnswer };
  /** Cancels an open sale; repeating it changes nothing. */
  "POST /api/sales/{sale_id}/cancel": { body: null; answer: SaleAnswer };
  /** Asks the merchant's wallet to give money back; the sale as it is after asking. */
  "POST /api/sales/{sale_id}/refunds": { body: MoneyBody; answer: SaleAnswer };
  /** Everything about this till as it happens: `stream`, `sale`, `refused`, `connection`. */
  "GET /api/events": { body: null; answer: string };
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
