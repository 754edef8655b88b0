"""What counts as the same code when two versions of the contracts are compared."""

from __future__ import annotations

import pytest

from scripts.ledger.code_diff import CompilationFailed, runtime_codes

PATH = "contracts/Sample.sol"
SAMPLE = """
// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

contract Sample {
    function shifted(uint256 word) external pure returns (uint256 field) {
        assembly {
            field := shr(234, word)
        }
    }
}
"""


def code_of(source: str) -> bytes:
    return runtime_codes({PATH: source}, {"Sample"})["Sample"]


def test_a_comment_and_a_name_for_a_number_leave_the_code_as_it_is() -> None:
    named = SAMPLE.replace(
        "contract Sample", "// A comment.\nuint256 constant TIER_AT = 234;\n\ncontract Sample"
    )
    assert code_of(named.replace("shr(234", "shr(TIER_AT")) == code_of(SAMPLE) != b""


def test_another_number_is_other_code() -> None:
    assert code_of(SAMPLE.replace("234", "235")) != code_of(SAMPLE)


def test_what_does_not_compile_or_is_not_there_is_said() -> None:
    with pytest.raises(CompilationFailed, match="ParserError"):
        code_of(SAMPLE.replace("assembly {", "assembly"))
    with pytest.raises(CompilationFailed, match="there is no contract Sample"):
        code_of(SAMPLE.replace("contract Sample", "contract Other"))
