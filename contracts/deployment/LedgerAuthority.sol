// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Who may do what: OpenZeppelin's AccessManager as it is, built here so that it can be deployed.
contract LedgerAuthority is AccessManager {
    constructor(address initialAdmin) AccessManager(initialAdmin) {}
}
