// What the public page does with each kind anybody may hear: reads supply and reserve again.
/** @param {() => void} look */
export const pushedHandlers = (look) => ({
  "reserve.attested": look,
  "figures.changed": look,
  "stops.changed": look,
  "stream.reload": look,
});
