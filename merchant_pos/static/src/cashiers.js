// Who is at the till: whom the shop has named, who is chosen. The service checks PINs and writes the name with each sale.
import { announce } from "#ui/dom.js";
import { t } from "#ui/i18n.js";

import * as api from "./api.js";

/** @typedef {import("#ui/till_api_types.js").CashiersAnswer} Answer */

export class Cashiers {
  /** @type {Answer["cashiers"]} */
  list = [];
  /** @type {string | null} */
  currentId = null;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** A shop that names nobody sees nothing of it. */
  get areNamed() {
    return this.list.length > 0;
  }

  get current() {
    return this.list.find(({ id }) => id === this.currentId) ?? null;
  }

  /** @param {Answer | null | undefined} answer null: nothing was read */
  take(answer) {
    if (!answer) return;
    this.list = answer.cashiers;
    this.currentId = answer.current_id;
  }

  /** @param {string} cashierId @param {string} pin */
  async enter(cashierId, pin) {
    this.take(await api.cashierEnters(cashierId, pin));
    announce(t("{name} est à la caisse.", { name: this.current?.name ?? "" }));
    this.#changed();
  }

  async leave() {
    this.take(await api.cashierLeaves());
    this.#changed();
  }
}
