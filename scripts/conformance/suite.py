"""The order of the questions, and what becomes of one that cannot be asked."""

from __future__ import annotations

from collections.abc import Callable

from scripts.conformance import engine_questions, money_questions, transaction_questions
from scripts.conformance.bench import Bench, CannotTell, Refused
from scripts.conformance.verdicts import Outcome, Verdict
from scripts.ledger.build import BuildMissing
from wallet_service.platform.errors import ChainUnavailable

Question = Callable[[Bench], Verdict | list[Verdict]]

#: The wrong chain or no funds end it: whatever came after would only repeat that.
FIRST: tuple[tuple[str, Question], ...] = (
    ("chain id", engine_questions.chain_id),
    ("nodes agree", engine_questions.agreement),
    ("gas price and empty accounts", engine_questions.fees),
)
FURTHER: tuple[tuple[str, Question], ...] = (
    ("opcodes of the compiled contracts", engine_questions.opcodes),
    ("P-256 precompile", engine_questions.p256_precompile),
    ("gas limits against max_batch_gas", engine_questions.gas_limits),
    ("a stranger's transaction", engine_questions.strangers),
    ("deployment", money_questions.deployment),
    ("upgrade", money_questions.upgrade),
    ("custom errors", money_questions.custom_errors),
    ("a batch of each kind of signature", money_questions.batches),
    ("a gap of nonces", transaction_questions.nonce_gap),
    ("two transactions with one nonce", transaction_questions.replacement),
    ("the same bytes sent again", transaction_questions.known_already),
    ("receipts", transaction_questions.receipts),
    ("logs by range", transaction_questions.logs_by_range),
    ("finality: one hash at a height", engine_questions.finality),
    ("a node ended hard comes back whole", engine_questions.restart),
)
#: A failure here makes every transaction fail too.
NEEDED = {"chain id", "gas price and empty accounts"}
NOT_ASKED = "not asked: transactions cannot be sent here"


def run(bench: Bench, heard: Callable[[Verdict], None] = lambda one: None) -> list[Verdict]:
    """Every question's verdict, in order; `heard` is told each as it comes."""
    verdicts: list[Verdict] = []

    def take(found: list[Verdict]) -> None:
        for one in found:
            verdicts.append(one)
            heard(one)

    for name, question in FIRST:
        take(asked(name, question, bench))
    if any(one.question in NEEDED and one.outcome is not Outcome.PASS for one in verdicts):
        take([Verdict(name, Outcome.CANNOT_TELL, NOT_ASKED) for name, _ in FURTHER])
        return verdicts
    for name, question in FURTHER:
        take(asked(name, question, bench))
    return verdicts


def asked(name: str, question: Question, bench: Bench) -> list[Verdict]:
    """What the engine refuses is a failure; what is missing on our side is none."""
    try:
        found = question(bench)
    except Refused as refusal:
        return [Verdict(name, Outcome.FAIL, f"the node refused: {refusal.message}")]
    except ChainUnavailable as error:
        return [Verdict(name, Outcome.CANNOT_TELL, f"the node did not answer: {error.reason}")]
    except (CannotTell, BuildMissing) as error:
        return [Verdict(name, Outcome.CANNOT_TELL, str(error))]
    return found if isinstance(found, list) else [found]
