//! The words of the trade: ids, quantities, orders, answers, events and commands.
