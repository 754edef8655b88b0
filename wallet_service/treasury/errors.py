"""Refusals about statements that are booked and payouts that are prepared."""

from __future__ import annotations

from wallet_service.bank.errors import BankFileRefusal
from wallet_service.protocol.refusal import Refusal


class StatementInFuture(BankFileRefusal):
    code = "bank.statement_in_future"
    french = "Rien n’a été crédité : ce relevé est daté dans l’avenir. Vérifiez les horloges."
    english = "Nothing was credited: this statement is dated in the future. Check the clocks."

    @property
    def until_unix_s(self) -> int:
        """When it may be read."""
        return int(self.values["until_unix_s"])


class FilePartlyBooked(BankFileRefusal):
    code = "bank.file_partly_booked"
    french = "Seuls {statements} relevés de ce fichier ont été lus. Prévenez l’exploitant, il est gardé."
    english = "Only {statements} statements of this file were read. Tell the operator; it is kept."


class RecordedElsewhere(Exception):
    """Another reader is recording the same report, or others all the time: the file is read again later."""


class StatementUnknown(Refusal):
    code = "bank.statement_unknown"
    status = 404
    french = "Ce relevé n’existe pas."
    english = "This statement does not exist."


class StatementNotHeld(Refusal):
    code = "bank.statement_not_held"
    status = 409
    french = "Ce relevé a déjà été traité, ou n’attendait pas. Rechargez la page."
    english = "This statement has already been dealt with, or did not wait. Reload the page."


class EntryUnknown(Refusal):
    code = "bank.entry_unknown"
    status = 404
    french = "Ce mouvement bancaire n’existe pas."
    english = "This bank movement does not exist."


class EntryAskedFor(Refusal):
    code = "bank.entry_asked_for"
    status = 409
    french = "Rien n’a été fait. Un agent attribue déjà ce virement : un autre doit signer, ou refuser."
    english = "Nothing was done. An officer already gives this transfer: another must sign, or refuse."


class StatementAskedFor(Refusal):
    code = "bank.statement_asked_for"
    status = 409
    french = "Rien n’a été fait. Un agent accepte déjà ce relevé : un autre doit signer, ou refuser."
    english = "Nothing was done. An officer already accepts this statement: another must sign, or refuse."


class EntryNotUnmatched(Refusal):
    code = "bank.entry_not_unmatched"
    status = 409
    french = "Ce mouvement a déjà été traité. Rechargez la page."
    english = "This movement has already been dealt with. Reload the page."


class PartTooLarge(Refusal):
    code = "bank.part_too_large"
    status = 409
    french = "Rien n’a été fait. Il reste {rest_cents} € de ce virement à attribuer."
    english = "Nothing was done. {rest_cents} € of this transfer are left to give."


class PayoutFileUnknown(Refusal):
    code = "payout.unknown"
    status = 404
    french = "Ce fichier de virements n’existe pas."
    english = "This payout file does not exist."


class PayoutNothingToPay(Refusal):
    code = "payout.nothing_to_pay"
    status = 409
    french = "Aucune conversion n’attend d’être payée."
    english = "No redemption is waiting to be paid."


class PayoutSameOfficer(Refusal):
    code = "payout.same_officer"
    status = 403
    french = "Rien n’est parti : une autre personne que celle qui l’a préparé doit approuver ce fichier."
    english = "Nothing was sent: someone other than who prepared this file must approve it."


class PayoutNotPrepared(Refusal):
    code = "payout.not_prepared"
    status = 409
    french = "Ce fichier a déjà été approuvé ou annulé. Rechargez la page."
    english = "This file has already been approved or cancelled. Reload the page."


class PayoutLinesChanged(Refusal):
    code = "payout.lines_changed"
    status = 409
    french = (
        "Rien n’est parti : {count} virements ne peuvent plus être faits et ont quitté l’ordre. "
        "Relisez-le, puis signez."
    )
    english = (
        "Nothing was sent: {count} transfers can no longer be made and have left the order. "
        "Read it again, then sign."
    )


class PayeeUndecided(Refusal):
    code = "payout.payee_undecided"
    status = 409
    french = (
        "Rien n’est parti : la banque connaît un compte de cet ordre sous un autre nom. "
        "Décidez-en d’abord, dans « Sorties en euros »."
    )
    english = (
        "Nothing was sent: the bank knows an account of this order under another name. "
        "Decide about it first, in “Payouts”."
    )


class PayeeAcceptedBySigner(Refusal):
    code = "payout.payee_accepted_by_signer"
    status = 403
    french = (
        "Rien n’est parti : vous avez vous-même accepté un nom que la banque ne reconnaît pas. "
        "Un autre agent doit signer, ou accepter ce nom à votre place."
    )
    english = (
        "Nothing was sent: you yourself accepted a name the bank does not recognise. "
        "Another officer must sign, or accept that name in your place."
    )


class PayoutLineUnknown(Refusal):
    code = "payout.line_unknown"
    status = 404
    french = "Ce virement n’est pas dans cet ordre, ou il n’y a rien à en décider. Rechargez la page."
    english = "This transfer is not in this order, or there is nothing to decide about it. Reload the page."


class PayoutHandedOver(Refusal):
    code = "payout.handed_over"
    status = 409
    french = "Rien n’est annulé : la banque a déjà pris ce fichier. Demandez-lui de le rejeter."
    english = "Nothing was cancelled: the bank has already taken this file. Ask it to reject it."


class PayoutNotAtBank(Refusal):
    code = "payout.not_at_bank"
    status = 409
    french = "Rien n’a été fait : une de ces conversions n’est pas à la banque, ou elle est déjà payée."
    english = "Nothing was done: one of these redemptions is not at the bank, or it is paid already."


class PayoutDifference(Refusal):
    code = "payout.difference"
    status = 422
    french = (
        "Rien n’a été fait : le débit et ces conversions diffèrent de {difference_cents}. "
        "Dites que vous le savez, ou choisissez-en d’autres."
    )
    english = (
        "Nothing was done: the debit and these redemptions differ by {difference_cents}. "
        "Say that you know it, or choose others."
    )


class PayoutDebitFirst(Refusal):
    code = "payout.debit_first"
    status = 409
    french = "Rien n’a été fait : classez d’abord le débit de cette conversion, puis son retour."
    english = "Nothing was done: first classify this redemption’s debit, then its return."


class PayoutActAskedFor(Refusal):
    code = "payout.asked_for"
    status = 409
    french = "Rien n’a été fait. Un agent l’a déjà demandé : un autre doit signer, ou refuser."
    english = "Nothing was done. An officer has asked for it already: another must sign, or refuse."


class RedemptionNotHeld(Refusal):
    code = "payout.not_held"
    status = 409
    french = "Cette conversion n’attend plus de décision. Rechargez la page."
    english = "This redemption waits for no decision any more. Reload the page."


class HandoverNotWaiting(Refusal):
    code = "payout.handover_not_waiting"
    status = 409
    french = "Rien n’a été fait : la remise de ce fichier à la banque n’attend aucune décision."
    english = "Nothing was done: the handing over of this file to the bank waits for no decision."
