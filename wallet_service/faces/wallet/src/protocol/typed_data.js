/**
 * EIP-712 digests of the four messages a wallet signs. Identical to wallet_service/protocol/signing/typed_data.py and to the
 * contract, by the golden vectors of tests/vectors. Signs nothing, knows no key.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";

import { fromHex, joinBytes, toWord } from "./bytes.js";

const UTF8 = new TextEncoder();
/** @param {string} text */
const hashText = (text) => keccak_256(UTF8.encode(text));

const DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
export const PAYMENT_TYPE =
  "Payment(address from,address to,uint256 value,bytes32 ref,uint256 validBefore,uint256 nonce)";
export const REDEMPTION_TYPE =
  "Redemption(address from,uint256 value,bytes32 payeeHash,bytes32 ref,uint256 validBefore,uint256 nonce)";
export const RECOVERY_VETO_TYPE = "RecoveryVeto(address account,uint256 number)";
export const SIGNER_ADDITION_TYPE =
  "SignerAddition(address account,address signer,uint8 signerKind,uint256 maxPayment,uint256 maxPerDay,uint256 expiresAt,uint256 validBefore,uint256 nonce)";

/** An address as a 32-byte word. @param {string} address */
const addressWord = (address) => joinBytes(new Uint8Array(12), fromHex(address, 20));

/**
 * @param {{name: string, version: string, chainId: number|string, verifyingContract: string}} domain
 * @returns {Uint8Array} 32 bytes
 */
export function domainSeparator(domain) {
  return keccak_256(
    joinBytes(
      hashText(DOMAIN_TYPE),
      hashText(domain.name),
      hashText(domain.version),
      toWord(domain.chainId),
      addressWord(domain.verifyingContract),
    ),
  );
}

/** @param {{from: string, to: string, value: bigint|number|string, ref: string, validBefore: bigint|number|string, nonce: bigint|number|string}} payment value in cents, validBefore in unix seconds */
export function paymentStructHash(payment) {
  return keccak_256(
    joinBytes(
      hashText(PAYMENT_TYPE),
      addressWord(payment.from),
      addressWord(payment.to),
      toWord(payment.value),
      fromHex(payment.ref, 32),
      toWord(payment.validBefore),
      toWord(payment.nonce),
    ),
  );
}

/** @param {{from: string, value: bigint|number|string, payeeHash: string, ref: string, validBefore: bigint|number|string, nonce: bigint|number|string}} redemption value in cents, validBefore in unix seconds */
export function redemptionStructHash(redemption) {
  return keccak_256(
    joinBytes(
      hashText(REDEMPTION_TYPE),
      addressWord(redemption.from),
      toWord(redemption.value),
      fromHex(redemption.payeeHash, 32),
      fromHex(redemption.ref, 32),
      toWord(redemption.validBefore),
      toWord(redemption.nonce),
    ),
  );
}

/** @param {{account: string, number: bigint|number|string}} veto number: the ledger's, of that one recovery */
export function recoveryVetoStructHash(veto) {
  return keccak_256(joinBytes(hashText(RECOVERY_VETO_TYPE), addressWord(veto.account), toWord(veto.number)));
}

/** @param {{account: string, signer: string, signerKind: number, validBefore: bigint|number|string, nonce: bigint|number|string, maxPayment?: number, maxPerDay?: number, expiresAt?: number}} addition limits in cents and unix seconds, 0 is none; without any the key has all of the account's power */
export function signerAdditionStructHash(addition) {
  const { maxPayment = 0, maxPerDay = 0, expiresAt = 0 } = addition;
  return keccak_256(
    joinBytes(
      hashText(SIGNER_ADDITION_TYPE),
      addressWord(addition.account),
      addressWord(addition.signer),
      toWord(addition.signerKind),
      toWord(maxPayment),
      toWord(maxPerDay),
      toWord(expiresAt),
      toWord(addition.validBefore),
      toWord(addition.nonce),
    ),
  );
}

/** @typedef {Parameters<typeof domainSeparator>[0]} Domain */

/** @param {Domain} domain @param {Uint8Array} structHash @returns {Uint8Array} the 32 bytes to sign */
function digest(domain, structHash) {
  return keccak_256(joinBytes(Uint8Array.of(0x19, 0x01), domainSeparator(domain), structHash));
}

/** @param {Domain} domain @param {Parameters<typeof paymentStructHash>[0]} payment */
export const paymentDigest = (domain, payment) => digest(domain, paymentStructHash(payment));
/** @param {Domain} domain @param {Parameters<typeof redemptionStructHash>[0]} redemption */
export const redemptionDigest = (domain, redemption) => digest(domain, redemptionStructHash(redemption));
/** @param {Domain} domain @param {Parameters<typeof recoveryVetoStructHash>[0]} veto */
export const recoveryVetoDigest = (domain, veto) => digest(domain, recoveryVetoStructHash(veto));
/** @param {Domain} domain @param {Parameters<typeof signerAdditionStructHash>[0]} addition */
export const signerAdditionDigest = (domain, addition) => digest(domain, signerAdditionStructHash(addition));
