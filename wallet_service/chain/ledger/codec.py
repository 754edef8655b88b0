"""The ledger's interface in bytes: calls out, results, events and custom errors in.

Built from the deployment's ABI.

Pure: never asks the node. Values come out as the rest of the service keeps them: addresses lower-case,
bytes as 0x hex, integers as int, structs as dictionaries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError

from wallet_service.chain.ledger import packed_batch
from wallet_service.chain.ports import SignedPayment
from wallet_service.protocol.hashing import keccak256

WORD_BYTES = 32
SELECTOR_BYTES = 4
_PANIC_SELECTOR = keccak256(b"Panic(uint256)")[:SELECTOR_BYTES]
_ERROR_SELECTOR = keccak256(b"Error(string)")[:SELECTOR_BYTES]
_PAYMENT_TYPES = ["(address,address,uint256,bytes32,uint256,uint256)[]", "bytes[]"]

#: A payment in the ABI's form: six words, two offsets, a length, and what fills up the last word.
_COLUMN_BYTES = 10 * WORD_BYTES

#: ERC-7943 calls two things by one name; here a name means one.
NAMES_OF_OUR_OWN = {"Frozen(address,uint256)": "AmountHeld"}

Parameter = Mapping[str, Any]


class ArgumentsInvalid(ValueError):
    """A command's arguments do not fit the function's ABI."""


class LogUnknown(ValueError):
    """A log that is not one of the ledger's events, or not well formed."""


@dataclass(frozen=True, slots=True)
class DecodedError:
    """A custom error by name, with its values by their ABI names."""

    name: str
    values: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value}' for name, value in self.values.items())})"


@dataclass(frozen=True, slots=True)
class _Event:
    name: str
    indexed: tuple[Parameter, ...]
    plain: tuple[Parameter, ...]
    order: tuple[str, ...]


class LedgerCodec:
    """One per deployment; immutable, so safe between threads."""

    def __init__(self, abi: Sequence[Mapping[str, Any]]) -> None:
        self._functions: dict[str, Mapping[str, Any]] = {}
        self._selectors: dict[str, bytes] = {}
        self._events: dict[str, _Event] = {}
        self._errors: dict[bytes, Mapping[str, Any]] = {}
        for entry in abi:
            if entry.get("type") == "function":
                self._functions[entry["name"]] = entry
                self._selectors[entry["name"]] = keccak256(_signature(entry).encode())[:SELECTOR_BYTES]
            elif entry.get("type") == "event":
                self._events["0x" + keccak256(_signature(entry).encode()).hex()] = _event(entry)
            elif entry.get("type") == "error":
                self._errors[keccak256(_signature(entry).encode())[:SELECTOR_BYTES]] = entry

    def call_data(self, function: str, arguments: Sequence[Any]) -> bytes:
        """Selector and arguments. Integers may be decimal strings, bytes 0x hex, structs lists.

        Raises ArgumentsInvalid.
        """
        entry = self._functions.get(function)
        if entry is None:
            raise ArgumentsInvalid(f"the ledger has no function {function}")
        inputs = entry["inputs"]
        if not isinstance(arguments, Sequence) or len(inputs) != len(arguments):
            raise ArgumentsInvalid(f"{function} takes {len(inputs)} arguments")
        try:
            values = [
                _outgoing(part["type"], part, value) for part, value in zip(inputs, arguments, strict=True)
            ]
            return self._selectors[function] + encode([_canonical(part) for part in inputs], values)
        except (EncodingError, AttributeError, TypeError, ValueError, LookupError, OverflowError) as error:
            raise ArgumentsInvalid(f"{function}: {error}") from error

    def settle_bytes_of(self, payment: SignedPayment) -> int:
        """The most bytes this payment adds to a batch, in either form."""
        return _COLUMN_BYTES + len(payment.signature)

    def settle_data(self, payments: Sequence[SignedPayment]) -> bytes:
        """The batch in its short form, or in the ABI's when a number of it is too wide for that.

        Without the general conversion: this is the hot path.
        """
        if all(packed_batch.fits(payment) for payment in payments):
            return self._selectors["settlePacked"] + encode(["bytes"], [packed_batch.pack(payments)])
        messages = [
            (
                payment.message.from_address,
                payment.message.to_address,
                payment.message.value,
                bytes.fromhex(payment.message.ref[2:]),
                payment.message.valid_before,
                payment.message.nonce,
            )
            for payment in payments
        ]
        signatures = [payment.signature for payment in payments]
        return self._selectors["settle"] + encode(_PAYMENT_TYPES, [messages, signatures])

    def result(self, function: str, data: str) -> Any:
        """What a view returned: the value, or a dictionary by names when there are several.

        Raises LogUnknown.
        """
        outputs = self._functions[function]["outputs"]
        try:
            values = decode([_canonical(part) for part in outputs], bytes.fromhex(data[2:]))
        except (DecodingError, ValueError) as error:
            raise LogUnknown(f"{function} answered something else than its type") from error
        if len(outputs) == 1:
            return _incoming(outputs[0]["type"], outputs[0], values[0])
        return {
            part["name"]: _incoming(part["type"], part, value)
            for part, value in zip(outputs, values, strict=True)
        }

    def event(self, topics: Sequence[str], data: str) -> tuple[str, dict[str, Any]]:
        """(name, arguments in ABI order). Raises LogUnknown."""
        event = self._events.get(topics[0]) if topics else None
        if event is None or len(topics) != len(event.indexed) + 1:
            raise LogUnknown("not an event of the ledger")
        raw = bytes.fromhex(data[2:])
        try:
            values = {
                part["name"]: _word_value(part, bytes.fromhex(topic[2:]))
                for part, topic in zip(event.indexed, topics[1:], strict=True)
            }
            values.update(_plain_values(event.plain, raw))
        except (DecodingError, ValueError) as error:
            raise LogUnknown(f"{event.name} is not well formed") from error
        return event.name, {name: values[name] for name in event.order}

    def error(self, data: str) -> DecodedError:
        """The custom error in revert data (0x hex).

        "Error", "Panic" or "unknown" when it is none of the ledger's.
        """
        raw = bytes.fromhex(data[2:]) if len(data) >= 2 + 2 * SELECTOR_BYTES else b""
        selector, body = raw[:SELECTOR_BYTES], raw[SELECTOR_BYTES:]
        try:
            if selector == _ERROR_SELECTOR:
                return DecodedError("Error", {"message": decode(["string"], body)[0]})
            if selector == _PANIC_SELECTOR:
                return DecodedError("Panic", {"code": decode(["uint256"], body)[0]})
            entry = self._errors.get(selector)
            if entry is None:
                return DecodedError("unknown", {"selector": "0x" + selector.hex()} if selector else {})
            inputs = entry["inputs"]
            values = decode([_canonical(part) for part in inputs], body)
        except DecodingError:
            return DecodedError("unknown", {"selector": "0x" + selector.hex()})
        return DecodedError(
            entry["name"],
            {
                part["name"]: _incoming(part["type"], part, value)
                for part, value in zip(inputs, values, strict=True)
            },
        )

    def error_name(self, selector: str) -> str:
        """The custom error's name for a bytes4 selector (PaymentSkipped's reason), or "unknown"."""
        entry = self._errors.get(bytes.fromhex(selector[2:]))
        return str(entry["name"]) if entry else "unknown"


def _signature(entry: Mapping[str, Any]) -> str:
    return f"{entry['name']}({','.join(_canonical(part) for part in entry['inputs'])})"


def _canonical(part: Parameter) -> str:
    kind = str(part["type"])
    if kind.startswith("tuple"):
        inner = ",".join(_canonical(component) for component in part["components"])
        return f"({inner}){kind[len('tuple') :]}"
    return kind


def _event(entry: Mapping[str, Any]) -> _Event:
    inputs = entry["inputs"]
    return _Event(
        NAMES_OF_OUR_OWN.get(_signature(entry), entry["name"]),
        tuple(part for part in inputs if part["indexed"]),
        tuple(part for part in inputs if not part["indexed"]),
        tuple(part["name"] for part in inputs),
    )


def _outgoing(kind: str, part: Parameter, value: Any) -> Any:
    """JSON value to what eth_abi takes."""
    if kind.endswith("]"):
        inner = kind[: kind.rindex("[")]
        return [_outgoing(inner, part, one) for one in value]
    if kind == "tuple":
        components = part["components"]
        if len(components) != len(value):
            raise ValueError(f"{part['name']} has {len(components)} fields, not {len(value)}")
        return tuple(
            _outgoing(component["type"], component, one)
            for component, one in zip(components, value, strict=True)
        )
    if kind.startswith(("uint", "int")):
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(f"{part['name']} is not an integer")
        return int(value)
    if kind.startswith("bytes"):
        return value if isinstance(value, bytes) else bytes.fromhex(value.removeprefix("0x"))
    return value


def _incoming(kind: str, part: Parameter, value: Any) -> Any:
    """What eth_abi gives to what the service keeps."""
    if kind.endswith("]"):
        inner = kind[: kind.rindex("[")]
        return [_incoming(inner, part, one) for one in value]
    if kind == "tuple":
        return {
            component["name"]: _incoming(component["type"], component, one)
            for component, one in zip(part["components"], value, strict=True)
        }
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if kind == "address":
        return str(value).lower()
    return value


def _word_value(part: Parameter, word: bytes) -> Any:
    """One static value in one 32-byte word."""
    if len(word) != WORD_BYTES:
        raise ValueError("a word has another length")
    kind = part["type"]
    if kind == "address":
        return "0x" + word[12:].hex()
    if kind == "bool":
        return word[-1] == 1
    if kind.startswith("uint"):
        return int.from_bytes(word, "big")
    if kind.startswith("bytes") and kind != "bytes":
        return "0x" + word[: int(kind[len("bytes") :])].hex()
    return _incoming(kind, part, decode([_canonical(part)], word)[0])


def _plain_values(parts: Sequence[Parameter], data: bytes) -> dict[str, Any]:
    """Values of the data section: word by word where all are one word wide, by eth_abi otherwise."""
    if any(part["type"].endswith("]") or part["type"] in ("tuple", "string", "bytes") for part in parts):
        values = decode([_canonical(part) for part in parts], data)
        return {
            part["name"]: _incoming(part["type"], part, value)
            for part, value in zip(parts, values, strict=True)
        }
    if len(data) != WORD_BYTES * len(parts):
        raise ValueError("the data has another length")
    return {
        part["name"]: _word_value(part, data[index * WORD_BYTES : (index + 1) * WORD_BYTES])
        for index, part in enumerate(parts)
    }
