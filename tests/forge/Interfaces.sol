// SPDX-License-Identifier: EUPL-1.2
pragma solidity ^0.8.30;

/// @dev The part of the ledger's ABI that the invariant tests speak.
struct Payment {
    address from;
    address to;
    uint256 value;
    bytes32 ref;
    uint256 validBefore;
    uint256 nonce;
}

struct Redemption {
    address from;
    uint256 value;
    bytes32 payeeHash;
    bytes32 ref;
    uint256 validBefore;
    uint256 nonce;
}

interface ILedger {
    function enrol(address account, uint8 kind, uint8 tier, uint16 sector, uint32 expiresAtDay) external;
    function setMember(address account, uint8 kind, uint8 tier, uint16 sector, uint32 expiresAtDay) external;
    function freeze(address account, bool incoming, bool outgoing, bytes32 groundHash, uint64 until) external;
    function unfreeze(address account, bytes32 groundHash) external;
    function stop(uint8 what) external;
    function attestReserve(uint256 amount, uint64 asOf, bytes32 statementHash, uint256 paidOut) external;
    function burnedUnshown() external view returns (uint256);
    function mint(address to, uint256 value, bytes32 ref) external;
    function transfer(address to, uint256 value) external returns (bool);
    function pay(Payment calldata payment, bytes calldata signature) external;
    function settle(Payment[] calldata payments, bytes[] calldata signatures) external returns (uint256);
    function settlePacked(bytes calldata batch) external returns (uint256);
    function requestRedemption(Redemption calldata redemption, bytes calldata signature) external;
    function attestOutcome(bytes32 ref, bool paid) external;
    function completeRedemption(bytes32 ref) external;
    function returnRedemption(bytes32 ref, bytes32 reason) external;

    function balanceOf(address account) external view returns (uint256);
    function totalSupply() external view returns (uint256);
    function mintedTotal() external view returns (uint256);
    function burnedTotal() external view returns (uint256);
    function nextNonce(address account) external view returns (uint256);
    function canTransfer(address from, address to, uint256 value) external view returns (bool);
    function paymentDigest(Payment calldata payment) external view returns (bytes32);
    function redemptionDigest(Redemption calldata redemption) external view returns (bytes32);
    function reserve() external view returns (uint256, uint64, uint64, bytes32, address);
}

/// @dev forge's cheat codes, as far as they are used.
interface Vm {
    function loadAllocs(string calldata path) external;
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonAddress(string calldata json, string calldata key) external pure returns (address);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function warp(uint256 time) external;
    function prank(address sender) external;
    function addr(uint256 secret) external pure returns (address);
    function sign(uint256 secret, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function signP256(uint256 secret, bytes32 digest) external pure returns (bytes32 r, bytes32 s);
    function publicKeyP256(uint256 secret) external pure returns (uint256 x, uint256 y);
    function snapshotState() external returns (uint256);
    function revertToState(uint256 snapshot) external returns (bool);
}

Vm constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
