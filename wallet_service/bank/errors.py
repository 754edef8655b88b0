"""Refusals of the bank's side: files that cannot be trusted, payout files that may not leave."""

from __future__ import annotations

from wallet_service.errors import BusinessError


class BankFileRefused(BusinessError):
    """A file from the bank is set aside whole: none of its lines counts."""

    status = 422


class FileTooLarge(BankFileRefused):
    code = "bank.file_too_large"
    french = (
        "Rien n’a été crédité : le fichier dépasse {limit_bytes} octets. Demandez à la banque de le découper."
    )
    english = "Nothing was credited: the file is over {limit_bytes} bytes. Ask the bank to split it."


class NotXml(BankFileRefused):
    code = "bank.not_xml"
    french = "Rien n’a été crédité : ce fichier n’est pas du XML lisible. Demandez-le de nouveau à la banque."
    english = "Nothing was credited: this file is not readable XML. Ask the bank for it again."


class ForbiddenXml(BankFileRefused):
    code = "bank.xml_forbidden"
    french = "Rien n’a été crédité : le fichier contient une DTD ou des entités, interdites ici."
    english = "Nothing was credited: the file holds a DTD or entities, which are forbidden here."


class VersionUnknown(BankFileRefused):
    code = "bank.version_unknown"
    french = "Rien n’a été crédité : ce n’est ni un camt.053.001.02 ni un camt.053.001.08."
    english = "Nothing was credited: this is neither a camt.053.001.02 nor a camt.053.001.08."


class SchemaInvalid(BankFileRefused):
    code = "bank.schema_invalid"
    french = "Rien n’a été crédité : ligne {line}, le fichier ne suit pas le schéma ISO 20022 ({element})."
    english = "Nothing was credited: line {line}, the file does not follow the ISO 20022 schema ({element})."


class WrongAccount(BankFileRefused):
    code = "bank.wrong_account"
    french = "Rien n’a été crédité : ce relevé n’est pas celui du compte de réserve."
    english = "Nothing was credited: this statement is not the reserve account's."


class WrongCurrency(BankFileRefused):
    code = "bank.wrong_currency"
    french = "Rien n’a été crédité : ce relevé n’est pas en euros ({currency})."
    english = "Nothing was credited: this statement is not in euros ({currency})."


class AmountUnreadable(BankFileRefused):
    code = "bank.amount_invalid"
    french = (
        "Rien n’a été crédité : un montant n’est pas un nombre entier de centimes, ou dépasse les bornes."
    )
    english = "Nothing was credited: an amount is not a whole number of cents, or is out of bounds."


class BalanceMissing(BankFileRefused):
    code = "bank.balance_missing"
    french = "Rien n’a été crédité : le relevé doit porter un solde d’ouverture et un solde de clôture."
    english = "Nothing was credited: the statement must carry one opening and one closing balance."


class SumMismatch(BankFileRefused):
    code = "bank.sum_mismatch"
    french = "Rien n’a été crédité : les mouvements mènent à {expected_cents}, le relevé dit {closing_cents}."
    english = "Nothing was credited: movements lead to {expected_cents}, the statement says {closing_cents}."


class ReferenceMissing(BankFileRefused):
    code = "bank.entry_without_reference"
    french = "Rien n’a été crédité : un mouvement n’a pas de référence de la banque (AcctSvcrRef)."
    english = "Nothing was credited: a movement has no reference of the bank's (AcctSvcrRef)."


class ReferenceRepeated(BankFileRefused):
    code = "bank.entry_reference_repeated"
    french = "Rien n’a été crédité : deux mouvements portent la même référence de la banque."
    english = "Nothing was credited: two movements carry the same bank reference."


class StatementInFuture(BankFileRefused):
    code = "bank.statement_in_future"
    french = "Rien n’a été crédité : ce relevé est daté dans l’avenir. Vérifiez les horloges."
    english = "Nothing was credited: this statement is dated in the future. Check the clocks."


class StatementContradicts(BankFileRefused):
    code = "bank.duplicate_statement"
    french = "Rien n’a été crédité : le relevé {statement_id} a déjà été lu, et disait autre chose."
    english = "Nothing was credited: statement {statement_id} was read before, and said otherwise."


class EntryContradicts(BankFileRefused):
    code = "bank.entry_changed"
    french = "Rien n’a été crédité : le mouvement {entry_reference} a déjà été lu avec un autre montant."
    english = "Nothing was credited: movement {entry_reference} was read before with another amount."


class EntryUnknown(BusinessError):
    code = "bank.entry_unknown"
    status = 404
    french = "Ce mouvement bancaire n’existe pas."
    english = "This bank movement does not exist."


class EntryNotUnmatched(BusinessError):
    code = "bank.entry_not_unmatched"
    status = 409
    french = "Ce mouvement a déjà été traité. Rechargez la page."
    english = "This movement has already been dealt with. Reload the page."


class PayoutFileUnknown(BusinessError):
    code = "payout.unknown"
    status = 404
    french = "Ce fichier de virements n’existe pas."
    english = "This payout file does not exist."


class PayoutNothingToPay(BusinessError):
    code = "payout.nothing_to_pay"
    status = 409
    french = "Aucune conversion n’attend d’être payée."
    english = "No redemption is waiting to be paid."


class PayoutSameOfficer(BusinessError):
    code = "payout.same_officer"
    status = 403
    french = "Rien n’est parti : une autre personne que celle qui l’a préparé doit approuver ce fichier."
    english = "Nothing was sent: someone other than who prepared this file must approve it."


class PayoutNotPrepared(BusinessError):
    code = "payout.not_prepared"
    status = 409
    french = "Ce fichier a déjà été approuvé ou annulé. Rechargez la page."
    english = "This file has already been approved or cancelled. Reload the page."


class PayoutContentInvalid(BusinessError):
    code = "payout.content_invalid"
    status = 500
    french = (
        "Rien n’est parti : le fichier préparé ne suit pas le schéma de la banque. Prévenez l’exploitant."
    )
    english = "Nothing was sent: the prepared file does not follow the bank's schema. Tell the operator."
