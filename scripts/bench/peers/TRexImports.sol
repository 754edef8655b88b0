// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.17;

// All of T-REX 4.1.6 and ONCHAINID 2.2.1 that a token with three compliance modules needs, as published.
import {TREXFactory} from "@tokenysolutions/t-rex/contracts/factory/TREXFactory.sol";
import {TREXImplementationAuthority} from
    "@tokenysolutions/t-rex/contracts/proxy/authority/TREXImplementationAuthority.sol";
import {Token} from "@tokenysolutions/t-rex/contracts/token/Token.sol";
import {IdentityRegistry} from "@tokenysolutions/t-rex/contracts/registry/implementation/IdentityRegistry.sol";
import {IdentityRegistryStorage} from
    "@tokenysolutions/t-rex/contracts/registry/implementation/IdentityRegistryStorage.sol";
import {ClaimTopicsRegistry} from "@tokenysolutions/t-rex/contracts/registry/implementation/ClaimTopicsRegistry.sol";
import {TrustedIssuersRegistry} from
    "@tokenysolutions/t-rex/contracts/registry/implementation/TrustedIssuersRegistry.sol";
import {ModularCompliance} from "@tokenysolutions/t-rex/contracts/compliance/modular/ModularCompliance.sol";
import {ModuleProxy} from "@tokenysolutions/t-rex/contracts/compliance/modular/modules/ModuleProxy.sol";
import {CountryAllowModule} from "@tokenysolutions/t-rex/contracts/compliance/modular/modules/CountryAllowModule.sol";
import {MaxBalanceModule} from "@tokenysolutions/t-rex/contracts/compliance/modular/modules/MaxBalanceModule.sol";
import {TimeTransfersLimitsModule} from
    "@tokenysolutions/t-rex/contracts/compliance/modular/modules/TimeTransfersLimitsModule.sol";
import {Identity} from "@onchain-id/solidity/contracts/Identity.sol";
import {ClaimIssuer} from "@onchain-id/solidity/contracts/ClaimIssuer.sol";
import {IdFactory} from "@onchain-id/solidity/contracts/factory/IdFactory.sol";
import {ImplementationAuthority} from "@onchain-id/solidity/contracts/proxy/ImplementationAuthority.sol";
