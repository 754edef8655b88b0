"""Builds camt files of any version, sound or odd: every part is text, so that tests put anything in it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

IBAN = "FR7699999000010000000015441"
OTHER_IBAN = "FR7699999000010000000099928"
DAY = "2026-05-28"
CREATED = "2026-05-28T23:30:00+02:00"
#: Message, report, the report's entry group; by the format's number.
NAMES = {
    "052": ("BkToCstmrAcctRpt", "Rpt"),
    "053": ("BkToCstmrStmt", "Stmt"),
    "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}


def tag(name: str, *inner: str, **attributes: str) -> str:
    """One element; inner parts are elements or text, as they are."""
    written = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{written}>{''.join(inner)}</{name}>"


def within(path: str, *inner: str) -> str:
    """Elements one inside the other: `within("A/B", "x")` is ``<A><B>x</B></A>``."""
    content = "".join(inner)
    for name in reversed(path.split("/")):
        content = tag(name, content)
    return content


def euros(text: str, currency: str = "EUR") -> str:
    return tag("Amt", text, Ccy=currency)


def balance(code: str, text: str, day: str = DAY, moment: str = "", currency: str = "EUR") -> str:
    """A balance; negative texts are debit balances. `code` may name its sub-type too: "CLBD/INTM"."""
    code, _, sub_type = code.partition("/")
    return tag(
        "Bal",
        tag("Tp", within("CdOrPrtry/Cd", code), within("SubTp/Cd", sub_type) if sub_type else ""),
        euros(text.removeprefix("-"), currency),
        tag("CdtDbtInd", "DBIT" if text.startswith("-") else "CRDT"),
        within("Dt/DtTm", moment) if moment else within("Dt/Dt", day),
    )


@dataclass(frozen=True)
class CamtBuilder:
    """One format; what its versions call differently is called right."""

    format: str = "camt.053.001.08"

    @property
    def kind(self) -> str:
        return self.format[5:8]

    @property
    def number(self) -> int:
        return int(self.format[-2:])

    @property
    def space(self) -> str:
        return f"urn:iso:std:iso:20022:tech:xsd:{self.format}"

    def document(self, *reports: str, message_id: str = "M1", created: str = CREATED) -> str:
        """Document and message around the reports, without an XML declaration."""
        message = NAMES[self.kind][0] + ("V01" if self.number == 1 else "")
        head = tag("GrpHdr", tag("MsgId", message_id), tag("CreDtTm", created))
        return tag("Document", tag(message, head, *reports), xmlns=self.space)

    def file(self, *reports: str, **header: str) -> bytes:
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{self.document(*reports, **header)}'.encode()

    def report(
        self,
        *entries: str,
        report_id: str = "S1",
        account: str = "",
        balances: str | None = None,
        opening: str = "1000.00",
        moved: str = "",
        created: str = CREATED,
        before: str = "",
        currency: str = "EUR",
    ) -> str:
        """A Stmt, Rpt or Ntfctn.

        Its balances lead from `opening` by `moved` (signed) unless they are given; `before` stands between id
        and time (StmtPgntn), `account` is the content of Acct/Id.
        """
        if balances is None:
            closing = f"{Decimal(opening) + Decimal(moved or '0'):.2f}"
            balances = balance("OPBD", opening) + balance("CLBD", closing)
        if self.number == 1:
            balances = balances.replace("<CdOrPrtry>", "").replace("</CdOrPrtry>", "")
        return tag(
            NAMES[self.kind][1],
            tag("Id", report_id),
            before,
            tag("CreDtTm", created),
            tag("Acct", tag("Id", account or tag("IBAN", IBAN)), tag("Ccy", currency) if currency else ""),
            "" if self.kind == "054" else balances,
            *entries,
        )

    def entry(
        self,
        amount: str = "20.00",
        *details: str,
        direction: str = "CRDT",
        reversal: str = "",
        status: str = "BOOK",
        currency: str = "EUR",
        booked: str | None = None,
        reference: str = "BQ1",
        batch: str = "",
        charges: str = "",
        sub_family: str = "ESCT",
        text: str = "",
    ) -> str:
        """An Ntry. `booked` is the content of BookgDt; `batch` that of Btch; `charges` whole elements."""
        booked = tag("Dt", DAY) if booked is None else booked
        code = tag("Cd", status) if self.number >= 7 else status
        inside = (tag("Btch", batch) if batch else "") + "".join(details)
        family = tag("Fmly", tag("Cd", "RCDT"), tag("SubFmlyCd", sub_family))
        return tag(
            "Ntry",
            euros(amount, currency),
            tag("CdtDbtInd", direction),
            tag("RvslInd", reversal) if reversal else "",
            tag("Sts", code),
            tag("BookgDt", booked) if booked else "",
            tag("AcctSvcrRef", reference) if reference else "",
            tag("BkTxCd", tag("Domn", tag("Cd", "PMNT"), family)),
            charges,
            inside if self.number == 1 or not inside else tag("NtryDtls", inside),
            tag("AddtlNtryInf", text) if text else "",
        )

    def detail(
        self,
        amount: str = "",
        *,
        refs: str = "",
        direction: str = "",
        name: str = "Camille R.",
        side: str = "Dbtr",
        iban: str = OTHER_IBAN,
        remittance: str = "",
        after: str = "",
    ) -> str:
        """A TxDtls; `refs` and `remittance` are the contents of Refs and RmtInf, `after` follows them."""
        where = euros(amount) if self.number >= 3 else within("AmtDtls/TxAmt", euros(amount))
        person = within("Pty/Nm", name) if self.number >= 7 else tag("Nm", name)
        direction = direction or ("CRDT" if amount and 3 <= self.number <= 6 else "")
        parties = (tag(side, person) if name else "") + (within(f"{side}Acct/Id/IBAN", iban) if iban else "")
        return tag(
            "TxDtls",
            tag("Refs", refs) if refs else "",
            where if amount else "",
            tag("CdtDbtInd", direction) if direction else "",
            tag("RltdPties", parties) if parties else "",
            tag("RmtInf", remittance) if remittance else "",
            after,
        )


def structured(reference: str) -> str:
    """A creditor reference, as RmtInf holds it."""
    return within("Strd/CdtrRefInf/Ref", reference)
