// What was paid at the shop's other tills, read when somebody asks: to give back from here. Never in this till's figures.
import { readOtherSales } from "./api.js";

/** @typedef {import("#ui/till_api_types.js").SaleAnswer} Sale */

export class OtherSales {
  /** Newest first. @type {Sale[]} */
  list = [];

  /** @returns {Promise<Sale[]>} */
  async read() {
    return (this.list = await readOtherSales());
  }

  /** @param {string} saleId @returns {Sale | undefined} */
  byId(saleId) {
    return this.list.find((sale) => sale.id === saleId);
  }

  /** Whether it is one of these; it is as `read` says from now on. @param {Sale} read */
  take(read) {
    if (!this.byId(read.id)) return false;
    this.list = this.list.map((sale) => (sale.id === read.id ? read : sale));
    return true;
  }
}
