//! Currencies, amounts, terms of payment, taxes, allowances and prices.

use rust_decimal::Decimal;

use crate::pieces::{Piece, Rest, field, give, node, number, pieces, put, put_rest, rest, text};
use crate::position::{Located, Place};
use crate::raw::RawSegment;
use crate::tree::Node;

use super::heading::{DateTime, Reference};
use super::line::Quantity;

pieces! {
    /// CUX: a currency.
    Currency "CUX" {
        /// 6347.
        usage: code(1, 1),
        /// 6345.
        code: text(1, 2),
        /// 6343: `9` order, `4` invoice.
        qualifier: text(1, 3),
        /// 5402.
        rate: number(3, 1),
    } holds {
        /// DTM.
        dates: DateTime,
    }

    /// PCD: a percentage.
    Percentage "PCD" {
        /// 5245.
        qualifier: code(1, 1),
        /// 5482.
        value: number(1, 2),
        /// 5249.
        basis: text(1, 3),
    } holds {}

    /// MOA: an amount of money.
    Amount "MOA" {
        /// 5025.
        qualifier: code(1, 1),
        /// 5004.
        value: number(1, 2),
        /// 6345.
        currency: text(1, 3),
    } holds {
        /// RFF.
        references: Reference,
    }

    /// PAT: terms of payment.
    PaymentTerms "PAT" {
        /// 4279.
        kind: code(1, 1),
        /// 4277.
        code: text(2, 1),
        /// 4276.
        text: text(2, 4),
        /// 2475, from when time runs.
        reference: text(3, 1),
        /// 2009.
        relation: text(3, 2),
        /// 2151: `D` days, `M` months.
        period: text(3, 3),
        /// 2152, how many of them.
        periods: number(3, 4),
    } holds {
        /// DTM.
        dates: DateTime,
        /// PCD.
        percentages: Percentage,
        /// MOA.
        amounts: Amount,
    }

    /// TAX: a duty, tax or fee.
    Tax "TAX" {
        /// 5283.
        function: code(1, 1),
        /// 5153.
        kind: text(2, 1),
        /// 5278.
        rate: text(5, 4),
        /// 5305.
        category: text(6, 1),
    } holds {
        /// MOA.
        amounts: Amount,
    }

    /// ALC: an allowance or a charge.
    Allowance "ALC" {
        /// 5463: `A` allowance, `C` charge.
        kind: code(1, 1),
        /// 4471, how it is settled.
        settlement: text(3, 1),
        /// 1227, in which order it is calculated.
        sequence: text(4, 1),
        /// 7161.
        service: text(5, 1),
        /// 7160.
        text: text(5, 4),
    } holds {
        /// QTY.
        quantities: Quantity,
        /// PCD.
        percentages: Percentage,
        /// MOA.
        amounts: Amount,
        /// TAX.
        taxes: Tax,
    }

    /// PRI: a price.
    Price "PRI" {
        /// 5125: `AAA` net, `AAB` gross.
        qualifier: code(1, 1),
        /// 5118.
        value: number(1, 2),
        /// 5375.
        kind: text(1, 3),
        /// 5387.
        specification: text(1, 4),
        /// 5284, for how many units.
        basis: number(1, 5),
        /// 6411, units of what.
        unit: text(1, 6),
    } holds {}
}
