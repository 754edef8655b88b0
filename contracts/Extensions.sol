// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {BenefitPayments} from "./BenefitPayments.sol";
import {Domain} from "./Domain.sol";
import {PaymentColumns} from "./PaymentColumns.sol";
import {Permit} from "./Permit.sol";

/// @title The ledger's fourth part: what is signed beside plain payments. Batches in the ABI's own
///        form, campaigns, payments that spend them, permits.
/// @dev Reached through the other three, on the ledger's state. Alone it is an empty ledger without authority.
contract Extensions is PaymentColumns, BenefitPayments, Permit {
    /// @param domainName the EIP-712 name of this environment, at most 31 bytes
    constructor(string memory domainName) Domain(domainName) {
        _disableInitializers();
    }
}
