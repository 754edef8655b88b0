"""Refusals of the bank's side: files that cannot be trusted, payout files that may not leave."""

from __future__ import annotations

from wallet_service.protocol.refusal import Refusal


class BankFileRefusal(Refusal):
    """A file from the bank is set aside whole: none of its lines counts."""

    status = 422


class FileTooLarge(BankFileRefusal):
    code = "bank.file_too_large"
    french = (
        "Rien n’a été crédité : le fichier dépasse {limit_bytes} octets. Demandez à la banque de le découper."
    )
    english = "Nothing was credited: the file is over {limit_bytes} bytes. Ask the bank to split it."


class NotXml(BankFileRefusal):
    code = "bank.not_xml"
    french = "Rien n’a été crédité : ce fichier n’est pas du XML lisible. Demandez-le de nouveau à la banque."
    english = "Nothing was credited: this file is not readable XML. Ask the bank for it again."


class FileUnreadable(BankFileRefusal):
    code = "bank.file_unreadable"
    french = "Rien n’a été crédité : ce fichier n’a pas pu être lu. Prévenez l’exploitant, il est gardé."
    english = "Nothing was credited: this file could not be read. Tell the operator; it is kept."


class FileEmpty(BankFileRefusal):
    code = "bank.file_empty"
    french = "Rien n’a été crédité : ce fichier est vide. Demandez-le de nouveau à la banque."
    english = "Nothing was credited: this file is empty. Ask the bank for it again."


class FormatUnknown(BankFileRefusal):
    code = "bank.format_unknown"
    french = "Rien n’a été crédité : ce fichier n’est d’aucun format connu. Demandez un camt.053 à la banque."
    english = "Nothing was credited: this file is of no known format. Ask the bank for a camt.053."


class FileEncrypted(BankFileRefusal):
    code = "bank.file_encrypted"
    french = "Rien n’a été crédité : ce fichier est chiffré. Déchiffrez-le avant de le déposer."
    english = "Nothing was credited: this file is encrypted. Decrypt it before dropping it."


class FileCompressed(BankFileRefusal):
    code = "bank.file_compressed"
    french = "Rien n’a été crédité : cette archive n’est pas un zip. Déposez les fichiers qu’elle contient."
    english = "Nothing was credited: this archive is not a zip. Drop the files it holds."


class ArchiveOverBounds(BankFileRefusal):
    code = "bank.archive_over_bounds"
    french = "Rien n’a été crédité : cette archive dépasse les bornes. Déposez ses fichiers un à un."
    english = "Nothing was credited: this archive is out of bounds. Drop its files one by one."


class EntriesOverBounds(BankFileRefusal):
    code = "bank.entries_over_bounds"
    french = "Rien n’a été crédité : le relevé a plus de {limit} mouvements. Demandez-le par mois."
    english = "Nothing was credited: the statement has over {limit} movements. Ask for it by month."


class NothingReported(BankFileRefusal):
    code = "bank.nothing_reported"
    french = "Rien n’a été crédité : ce fichier ne contient aucun relevé. Demandez-le de nouveau à la banque."
    english = "Nothing was credited: this file holds no statement. Ask the bank for it again."


class FileIsPdf(BankFileRefusal):
    code = "bank.file_is_pdf"
    french = "Rien n’a été crédité : ce fichier est un PDF, fait pour être lu. Demandez un camt.053."
    english = "Nothing was credited: this file is a PDF, made for people. Ask the bank for a camt.053."


class FileIsTable(BankFileRefusal):
    code = "bank.file_is_table"
    french = (
        "Rien n’a été crédité : ce fichier est un tableau (CSV, QIF, tableur), sans soldes sûrs. "
        "Demandez un camt.053 ou un CFONB120."
    )
    english = (
        "Nothing was credited: this file is a table (CSV, QIF, spreadsheet), without safe balances. "
        "Ask for a camt.053 or a CFONB120."
    )


class FileIsOfx(BankFileRefusal):
    code = "bank.file_is_ofx"
    french = "Rien n’a été crédité : ce fichier est un OFX. Demandez un camt.053 ou un CFONB120 à la banque."
    english = "Nothing was credited: this file is an OFX. Ask the bank for a camt.053 or a CFONB120."


class FileIsCfonb240(BankFileRefusal):
    code = "bank.file_is_cfonb240"
    french = "Rien n’a été crédité : ce fichier est un CFONB240, qui n’a pas de soldes. Demandez un CFONB120."
    english = "Nothing was credited: this file is a CFONB240, which has no balances. Ask for a CFONB120."


class FileIsMt942(BankFileRefusal):
    code = "bank.file_is_mt942"
    french = (
        "Rien n’a été crédité : ce fichier est un MT942, la journée en cours sans soldes sûrs. "
        "Demandez un MT940 ou un camt.052."
    )
    english = (
        "Nothing was credited: this file is an MT942, the day so far without safe balances. "
        "Ask for an MT940 or a camt.052."
    )


class FileIsWebPage(BankFileRefusal):
    code = "bank.file_is_web_page"
    french = "Rien n’a été crédité : ce fichier est une page web. Téléchargez de nouveau le relevé."
    english = "Nothing was credited: this file is a web page. Download the statement again."


class FileIsPaymentOrder(BankFileRefusal):
    code = "bank.file_is_payment_order"
    french = "Rien n’a été crédité : ce fichier est un ordre de virement ({name}), destiné à la banque."
    english = "Nothing was credited: this file is a payment order ({name}), meant for the bank."


class ForbiddenXml(BankFileRefusal):
    code = "bank.xml_forbidden"
    french = "Rien n’a été crédité : le fichier contient une DTD ou des entités, interdites ici."
    english = "Nothing was credited: the file holds a DTD or entities, which are forbidden here."


class NotIso20022(BankFileRefusal):
    code = "bank.not_iso20022"
    french = (
        "Rien n’a été crédité : ce XML (<{element}>) n’est pas un message ISO 20022. Demandez un camt.053."
    )
    english = "Nothing was credited: this XML (<{element}>) is no ISO 20022 message. Ask for a camt.053."


class VersionUnknown(BankFileRefusal):
    code = "bank.version_unknown"
    french = "Rien n’a été crédité : ce fichier est un {name}, une version que le service ne lit pas encore."
    english = "Nothing was credited: this file is a {name}, a version the service does not read yet."


class OtherMessage(BankFileRefusal):
    code = "bank.other_message"
    french = (
        "Rien n’a été crédité : ce fichier est un {name}, pas un relevé. Demandez un camt.053 à la banque."
    )
    english = "Nothing was credited: this file is a {name}, not a statement. Ask the bank for a camt.053."


class MomentUnreadable(BankFileRefusal):
    code = "bank.moment_unreadable"
    french = "Rien n’a été crédité : la date de {element} n’est pas lisible. Demandez le fichier de nouveau."
    english = "Nothing was credited: the date of {element} cannot be read. Ask the bank for the file again."


class WrongAccount(BankFileRefusal):
    code = "bank.wrong_account"
    french = "Rien n’a été crédité : ce relevé n’est pas celui du compte de réserve."
    english = "Nothing was credited: this statement is not the reserve account's."


class WrongCurrency(BankFileRefusal):
    code = "bank.wrong_currency"
    french = "Rien n’a été crédité : ce relevé n’est pas en euros ({currency})."
    english = "Nothing was credited: this statement is not in euros ({currency})."


class AmountUnreadable(BankFileRefusal):
    code = "bank.amount_invalid"
    french = (
        "Rien n’a été crédité : un montant n’est pas un nombre entier de centimes, ou dépasse les bornes."
    )
    english = "Nothing was credited: an amount is not a whole number of cents, or is out of bounds."


class BalanceMissing(BankFileRefusal):
    code = "bank.balance_missing"
    french = "Rien n’a été crédité : le relevé doit porter un solde d’ouverture et un solde de clôture."
    english = "Nothing was credited: the statement must carry one opening and one closing balance."


class SumMismatch(BankFileRefusal):
    code = "bank.sum_mismatch"
    french = "Rien n’a été crédité : les mouvements mènent à {expected_cents}, le relevé dit {closing_cents}."
    english = "Nothing was credited: movements lead to {expected_cents}, the statement says {closing_cents}."


class PayoutContentInvalid(Refusal):
    code = "payout.content_invalid"
    status = 500
    french = (
        "Rien n’est parti : le fichier préparé ne suit pas le schéma de la banque. Prévenez l’exploitant."
    )
    english = "Nothing was sent: the prepared file does not follow the bank's schema. Tell the operator."


class FileBroken(BankFileRefusal):
    """`format` is CFONB120 or MT940."""

    code = "bank.file_broken"
    french = (
        "Rien n’a été crédité : ce fichier {format} est coupé ou en désordre (ligne {line}). Demandez-le de "
        "nouveau à la banque."
    )
    english = (
        "Nothing was credited: this {format} file is cut or out of order (line {line}). Ask the bank for it "
        "again."
    )


class AnswerUnreadable(BankFileRefusal):
    code = "bank.answer_unreadable"
    french = "Rien n’a changé : cette réponse de la banque (pain.002) ne dit pas de quel fichier elle parle."
    english = "Nothing has changed: this answer of the bank (pain.002) does not say of which file it speaks."
