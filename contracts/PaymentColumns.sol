// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {Payment} from "./interfaces/LedgerTypes.sol";
import {Payments} from "./Payments.sol";
import {PaymentPreimage, TypedData} from "./TypedData.sol";

/// @title A batch in the ABI's own form, for tools that know nothing of ours, and for wide nonces.
/// @dev The same payments as `settlePacked` at a higher price. The calldata must be the ABI's: an offset that points
///      elsewhere reverts the whole batch.
abstract contract PaymentColumns is Payments {
    /// @notice The most items one batch takes.
    function MAX_BATCH_ITEMS() external pure returns (uint256) {
        return MAX_BATCH;
    }

    /// @notice Executes the payments in order; a bad one is skipped and reported by `PaymentSkipped`.
    /// @return settledCount how many were executed
    function settle(Payment[] calldata payments, bytes[] calldata signatures)
        external
        returns (uint256 settledCount)
    {
        uint256 count = payments.length;
        if (count > MAX_BATCH) revert TooManyItems(count, MAX_BATCH);
        if (count != signatures.length) revert LengthMismatch(count, signatures.length);
        PaymentPreimage payment = TypedData.newPreimage(_separator());
        uint256 today = _today();
        for (uint256 i = 0; i < count; ++i) {
            payment.fill(payments[i]);
            settledCount += _settleOrSkip(i, payment, signatures[i], today);
        }
    }
}
