/**
 * What the wallet does with each kind the service pushes to a member. Screens hear them all from `notify`; what concerns
 * the member's money or rights has the member read again as well.
 */

/**
 * @param {{outbox: {learn: Function, deliver: Function}, notify: (event: {kind: string, data: any}) => void,
 *   learnStops: (data: any) => void, readSoon: () => void}} app
 * @returns {Record<string, (data: any) => any>} handlers for `listen`
 */
export function pushedHandlers({ outbox, notify, learnStops, readSoon }) {
  /** @typedef {(data: any) => void} Handler */
  /** @param {string} kind @returns {Handler} */
  const forward = (kind) => (data) => notify({ kind, data });
  /** @param {string} kind @returns {Handler} */
  const forwardAndRead = (kind) => (data) => {
    notify({ kind, data });
    readSoon();
  };
  /** @param {string} kind @param {(ref: string, data: any) => unknown} take @returns {Handler} */
  const after = (kind, take) => async (data) => {
    await take(data.ref, data);
    forwardAndRead(kind)(data);
  };
  /** @param {string} ref @param {any} data */
  const learn = (ref, data) => outbox.learn(ref, data);
  return {
    "payment.accepted": after("payment.accepted", learn),
    "payment.paid": after("payment.paid", learn),
    // A refusal's reason is a sentence in this person's language: asked for, never pushed.
    "payment.refused": after("payment.refused", (ref) => outbox.deliver(ref)),
    "money.received": forwardAndRead("money.received"),
    "ask.changed": forwardAndRead("ask.changed"),
    "dispute.changed": forwardAndRead("dispute.changed"),
    "recovery.changed": forwardAndRead("recovery.changed"),
    "redemption.changed": forwardAndRead("redemption.changed"),
    "topup.credited": forwardAndRead("topup.credited"),
    "topup.held": forwardAndRead("topup.held"),
    "standing_order.changed": forwardAndRead("standing_order.changed"),
    "reversal.changed": forwardAndRead("reversal.changed"),
    "refund.requested": forwardAndRead("refund.requested"),
    "refund.changed": forwardAndRead("refund.changed"),
    "member.changed": forwardAndRead("member.changed"),
    // The list of tills is not part of the member: only its screen reads again.
    "till.paired": forward("till.paired"),
    "till.revoked": forward("till.revoked"),
    // Told to everybody at once: what it says is taken, not asked for.
    "stops.changed": learnStops,
    "stream.reload": readSoon,
  };
}
