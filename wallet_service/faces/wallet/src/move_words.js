/**
 * The words two phones compare: short, concrete, told apart by ear, the same in both languages' screens, since the two
 * phones may speak different ones. One of 64 for each byte.
 */
export const WORDS = (
  "pomme falaise galet mouette cidre phare voile marée bocage clocher beurre crème " +
  "vache cheval mouton canard hibou renard lièvre loup chêne hêtre saule tilleul " +
  "rose lilas trèfle blé orge avoine lin chanvre pluie neige nuage soleil lune étoile vent orage " +
  "pont moulin grange four puits jardin verger sentier rivière étang île plage dune rocher " +
  "sable grotte bleu rouge vert jaune noir blanc gris violet"
).split(" ");

/** Indices of words from the first bytes. @param {Uint8Array} bytes @param {number} count */
export const bytesOfWords = (bytes, count) => [...bytes.slice(0, count)].map((byte) => byte % WORDS.length);
